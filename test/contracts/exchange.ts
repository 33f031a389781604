/** One request and its answer, as they passed the recorder. */
export interface Exchange {
  method: string;
  /** Path and query. */
  url: string;
  /** Names in lower case. */
  requestHeaders: Readonly<Record<string, string>>;
  requestBody: string;
  status: number;
  responseHeaders: Readonly<Record<string, string>>;
  /** Decompressed. */
  responseBody: string;
}

/** What in an exchange the provider's description does not have, or has otherwise. */
export interface Violation {
  rule:
    | 'graphql'
    | 'no-description'
    | 'write'
    | 'query'
    | 'request-header'
    | 'request-body'
    | 'status'
    | 'response-header'
    | 'response-body'
    | 'error-body'
    | 'page';
  /** Place in the exchange: `query.per_page`, `header.link`, `/items/0/id`. */
  where: string;
  message: string;
}

/** How one provider's exchanges are judged. */
export interface Contract {
  /** Ids of everything that is described. */
  operations: readonly string[];
  /** The described operation that a request is; undefined = the provider has none such, or nobody has described it. */
  operationOf(exchange: Exchange): string | undefined;
  check(exchange: Exchange, operation: string): Violation[];
}
