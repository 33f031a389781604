import type { z } from 'zod';
import { Refusal } from '../../src/connector/index.ts';
import type { Credential } from './credentials.ts';
import { isEverywhere } from './fate.ts';
import { credentialsFor, listNeeds, type CredentialId, type List, type ListId } from './operations.ts';
import type { SdkAnswer, SdkRequest } from './send.ts';

/** Values of the parameters in an operation's path, besides the organisation. `id` is that of the repository, for `Link`. */
export type Parameters = Readonly<Record<string, string>>;

interface Asked {
  /** Kinds of credential that are answered here, the least powerful first. */
  can: readonly CredentialId[];
  list?: ListId;
  /** What it asks of a credential, where that is something else than the list does. */
  needs?: List;
  parameters?: Parameters;
}

export interface Asker {
  ask<Data>(request: SdkRequest, schema: z.ZodType<Data>, asked: Asked): Promise<SdkAnswer<Data>>;
  /** Was it refused to every credential, whatever the place? */
  isRefused(list: ListId): boolean;
  /** Which credential answers there, by what was refused so far. */
  answering(list: ListId, parameters?: Parameters): Credential | undefined;
}

/** Asks with the least powerful credential that can, and with the next one where GitHub refuses it. */
export function asker(held: readonly Credential[]): Asker {
  // What was refused once is not asked again in this scan, save what was asked beside it: GitHub locks out clients that insist.
  const refused = new Map<string, Refusal>();
  const able = ({ can, list }: Pick<Asked, 'can' | 'list'>) => {
    const all = can.flatMap((id) => held.filter((credential) => credential.id === id));
    return list && listNeeds(list).alike ? all.slice(0, 1) : all;
  };
  const isRefused = (list: ListId) =>
    able({ can: credentialsFor(list), list }).every(({ id }) => refused.has(id) || refused.has(`${id} ${list}`));
  const placesOf = (id: CredentialId, { list: asked, parameters = {} }: { list: string; parameters?: Parameters }) => {
    const list = `${id} ${asked}`;
    return { id, list, place: `${list} ${JSON.stringify(parameters)}` };
  };
  const refusalOf = ({ id, list, place }: ReturnType<typeof placesOf>) => refused.get(id) ?? refused.get(list) ?? refused.get(place);
  const answering = (list: ListId, parameters?: Parameters) =>
    able({ can: credentialsFor(list), list }).find(({ id }) => !refusalOf(placesOf(id, { list, ...(parameters && { parameters }) })));
  const ask = async <Data>(request: SdkRequest, schema: z.ZodType<Data>, asked: Asked): Promise<SdkAnswer<Data>> => {
    const asking = able(asked);
    if (asking.length === 0) throw unanswerable(asked);
    const refusals: { id: CredentialId; refusal: Refusal }[] = [];
    for (const credential of asking) {
      const { id } = credential;
      const places = placesOf(id, { ...asked, list: asked.list ?? request.route });
      let refusal = refusalOf(places);
      if (!refusal) {
        try {
          return await askAs(credential, request, schema, needsOf(asked));
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
          refusal = error;
          refused.set(error.whole ? id : isEverywhere(error) ? places.list : places.place, error);
        }
      }
      refusals.push({ id, refusal });
    }
    throw joined(
      refusals,
      asked,
      held.every(({ id }) => refused.has(id)),
    );
  };
  return { ask, isRefused, answering };
}

async function askAs<Data>(
  credential: Credential,
  request: SdkRequest,
  schema: z.ZodType<Data>,
  needs: List | undefined,
): Promise<SdkAnswer<Data>> {
  const isWhole = (scopes: string | undefined) => !needs?.publicPart || credential.seesAll(needs, scopes);
  const header = await credential.authorization();
  try {
    return await credential.send(async () => header, request, schema, { isWhole });
  } catch (error) {
    // A token can be revoked, or run out during a long wait: another one is fetched, once.
    if (!(error instanceof Refusal) || !error.whole || !credential.renew(header)) throw error;
  }
  const fresh = await credential.authorization();
  return credential.send(async () => fresh, request, schema, { repeat: true, isWhole });
}

const NAMES: Readonly<Record<CredentialId, string>> = { app: 'the GitHub App', token: 'the token' };

function needsOf({ list, needs }: Asked): List | undefined {
  return needs ?? (list && listNeeds(list));
}

function unanswerable(asked: Asked): Refusal {
  const { can } = asked;
  const needs = needsOf(asked);
  const permission = (can.includes('app') ? needs?.app : undefined) ?? needs?.token;
  const only = can.includes('app') ? 'a GitHub App' : 'a classic token of an organisation owner';
  return new Refusal(`only ${only} can list them`, { reason: 'not_observable', ...(permission && { permission }) });
}

/** One refusal for all credentials that were tried; it names the permission that the first of them lacks. */
function joined(refusals: readonly { id: CredentialId; refusal: Refusal }[], asked: Asked, whole: boolean): Refusal {
  const needs = needsOf(asked);
  const permission = needs?.[refusals[0]!.id];
  const said = refusals.map(({ id, refusal }) => `${NAMES[id]}: ${refusal.message}`).join('. ');
  return new Refusal(said, { reason: 'permission_denied', cause: refusals[0]!.refusal, whole, ...(permission && { permission }) });
}
