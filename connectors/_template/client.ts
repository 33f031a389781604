import { z } from 'zod';
import { path, ProviderFault, Refusal, type Connection, type ConnectContext, type Fate } from '../../src/connector/index.ts';
import type { Config } from './index.ts';

const account = z.object({ id: z.string().min(1), name: z.string() });
const page = z.object({ grants: z.array(z.unknown()), next: z.string().min(1).nullable() });

/** What the collectors ask. */
export interface Client {
  grants(next: string | null): Promise<z.infer<typeof page>>;
}

class Answered extends Error {
  readonly response: Response;
  constructor(response: Response) {
    super(`Status ${response.status}`);
    this.response = response;
  }
}

export async function connect(context: ConnectContext<Config>): Promise<Connection<Client>> {
  const { baseUrl, token } = context.config;
  const wire = context.wire({ api: { url: baseUrl } });
  const calls = context.calls({ perSecond: 10, inFlight: 4 }, fateOf);
  const headers = { authorization: `Bearer ${context.secret(token).reveal()}` };
  const get = <Answer>(where: string, schema: z.ZodType<Answer>): Promise<Answer> =>
    calls.run(async () => {
      const response = await wire.fetch(`${baseUrl}${where}`, { headers });
      if (!response.ok) throw new Answered(response);
      const parsed = schema.safeParse(await response.json().catch(() => undefined));
      if (!parsed.success) throw new ProviderFault('The answer has another shape than documented', { retry: true });
      return parsed.data;
    });
  const self = await get('/account', account);
  const size = context.pageSize(100);
  return {
    client: { grants: (next) => get(`/grants?size=${size}${next === null ? '' : `&from=${encodeURIComponent(next)}`}`, page) },
    account: { id: self.id, name: self.name, scope: path('workspace', self.id) },
  };
}

function fateOf(error: unknown): Fate | undefined {
  if (!(error instanceof Answered)) return undefined;
  const { status, headers } = error.response;
  if (status === 429) return { retry: 'throttled', after: Number(headers.get('retry-after') ?? 0) * 1000 };
  if (status >= 500) return { retry: 'fault' };
  if (status === 401 || status === 403)
    return { final: new Refusal('The token may not read this', { reason: 'permission_denied', whole: status === 401, cause: error }) };
  return { final: new ProviderFault(`The provider answers ${status}`, { cause: error }) };
}
