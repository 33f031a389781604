/** IAM lets a single value stand for a list of one, nearly everywhere. */
type OneOrMore<Value> = Value | readonly Value[];

export type Principals = '*' | Readonly<Record<string, OneOrMore<string>>>;

export interface Statement {
  Sid?: string;
  Effect: 'Allow' | 'Deny';
  Principal?: Principals;
  Action?: OneOrMore<string>;
  NotAction?: OneOrMore<string>;
  Resource?: OneOrMore<string>;
  Condition?: Readonly<Record<string, Readonly<Record<string, OneOrMore<string>>>>>;
}

export interface PolicyDocument {
  Version: '2012-10-17';
  Statement: OneOrMore<Statement>;
}

export function policy(statement: OneOrMore<Statement>): PolicyDocument {
  return { Version: '2012-10-17', Statement: statement };
}

/** RFC 3986, which reserves five characters that `encodeURIComponent` leaves alone. */
export function encodeDocument(document: PolicyDocument): string {
  return encodeURIComponent(JSON.stringify(document)).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
