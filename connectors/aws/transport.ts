import { ProviderFault, type Wire } from '../../src/connector/index.ts';
import { withoutValues } from './values.ts';

/** The part of the SDK's request that its protocols fill. */
interface Outgoing {
  method: string;
  protocol: string;
  hostname: string;
  port?: number;
  path: string;
  query?: Record<string, string | string[] | null>;
  headers: Record<string, string>;
  body?: unknown;
}

/** `query`: forms that are answered with XML. `json`: everything else that we speak. */
export type Protocol = 'query' | 'json';

/** The SDK's transport, led through the governed wire: below signing and clock correction, above nothing of the SDK's. */
export function transport(wire: Wire, protocol: Protocol) {
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    async handle(request: Outgoing) {
      const port = request.port === undefined ? '' : `:${request.port}`;
      const url = `${request.protocol}//${request.hostname}${port}${request.path}${queryOf(request.query)}`;
      const body = bodyOf(request.body);
      const answer = await wire.fetch(url, {
        method: request.method,
        headers: request.headers,
        ...(request.method === 'POST' && { body }),
      });
      const bytes = new Uint8Array(await answer.arrayBuffer());
      const checked = !answer.ok ? bytes : protocol === 'json' ? withoutValues(bytes) : mustAnswer(body, bytes);
      return { response: { statusCode: answer.status, headers: Object.fromEntries(answer.headers), body: checked } };
    },
    destroy(): void {},
  };
}

function bodyOf(body: unknown): string {
  if (body instanceof Uint8Array) return new TextDecoder().decode(body);
  return typeof body === 'string' ? body : '';
}

/** As it was signed: RFC 3986 reserves five characters that `encodeURIComponent` leaves alone. */
function queryOf(query: Outgoing['query']): string {
  const pairs = Object.entries(query ?? {}).flatMap(([name, value]) =>
    [value ?? ''].flat().map((one) => `${encoded(name)}=${encoded(one)}`),
  );
  return pairs.length > 0 ? `?${pairs.join('&')}` : '';
}

function encoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

/**
 * The SDK takes any other XML, such as a sign-in page of a proxy, for an answer in which nothing is listed.
 * All operations that we send have a result element, even where it is empty.
 */
function mustAnswer(form: string, body: Uint8Array): Uint8Array {
  const action = new URLSearchParams(form).get('Action') ?? '';
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (!bytes.includes(`<${action}Response`) || !bytes.includes(`<${action}Result`))
    throw new ProviderFault('The answer is not the one that AWS documents', { retry: true });
  return body;
}
