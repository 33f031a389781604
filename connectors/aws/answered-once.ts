import { Refusal } from '../../src/connector/index.ts';
import type { Client } from './client.ts';

/** Like `once` of the client, and a refusal is for all who ask as well: only what failed otherwise is asked for again. */
export async function answeredOnce<Answer>({ once }: Pick<Client, 'once'>, what: string, ask: () => Promise<Answer>): Promise<Answer> {
  const answer = await once(what, () =>
    ask().catch((error: unknown) => {
      if (error instanceof Refusal) return error;
      throw error;
    }),
  );
  if (answer instanceof Refusal) throw answer;
  return answer;
}
