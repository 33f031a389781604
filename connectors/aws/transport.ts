import { ProviderFault, type Wire } from '../../src/connector/index.ts';

/** The part of the SDK's request that the query protocol fills. */
interface Outgoing {
  method: string;
  protocol: string;
  hostname: string;
  port?: number;
  path: string;
  headers: Record<string, string>;
  body?: unknown;
}

/** The SDK's transport, led through the governed wire: below signing and clock correction, above nothing of the SDK's. */
export function transport(wire: Wire) {
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    async handle(request: Outgoing) {
      const port = request.port === undefined ? '' : `:${request.port}`;
      const url = `${request.protocol}//${request.hostname}${port}${request.path}`;
      const form = typeof request.body === 'string' ? request.body : '';
      const answer = await wire.fetch(url, { method: request.method, headers: request.headers, body: form });
      const body = new Uint8Array(await answer.arrayBuffer());
      if (answer.ok) mustAnswer(new URLSearchParams(form).get('Action') ?? '', body);
      return { response: { statusCode: answer.status, headers: Object.fromEntries(answer.headers), body } };
    },
    destroy(): void {},
  };
}

/**
 * The SDK takes any other XML, such as a sign-in page of a proxy, for an answer in which nothing is listed.
 * All operations that we send have a result element, even where it is empty.
 */
function mustAnswer(action: string, body: Uint8Array): void {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (!bytes.includes(`<${action}Response`) || !bytes.includes(`<${action}Result`))
    throw new ProviderFault('The answer is not the one that AWS documents', { retry: true });
}
