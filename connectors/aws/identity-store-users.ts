import { z } from 'zod';
import { parseItems, type CollectContext, type Gap, type Sizes } from '../../src/connector/index.ts';
import { answeredOnce } from './answered-once.ts';
import type { Client } from './client.ts';
import type { Config } from './config.ts';
import { pagesOf } from './pages.ts';
import { permissionOf } from './regional-list.ts';

export const LIST_USERS = 'identitystore.ListUsers';

const text = z.string().min(1);
const page = z
  .object({ Users: z.array(z.unknown()), NextToken: z.string().optional() })
  .transform(({ Users, NextToken }) => ({ items: Users, next: NextToken || undefined }));

/**
 * What is taken of a user: how he is told from others, and by what he is found again. Names, telephones, postal addresses, titles and dates of
 * birth arrive with it and have no field to live in. https://docs.aws.amazon.com/singlesignon/latest/IdentityStoreAPIReference/API_User.html
 */
const user = z
  .object({
    UserId: text,
    UserName: text.optional(),
    Emails: z.array(z.object({ Value: text.optional(), Primary: z.boolean().optional() })).optional(),
    ExternalIds: z.array(z.object({ Issuer: text, Id: text })).optional(),
    UserStatus: z.string().optional(),
  })
  .transform(({ UserId, UserName, Emails = [], ExternalIds = [], UserStatus }) => {
    const email = Emails.find(({ Primary }) => Primary)?.Value;
    return {
      id: UserId,
      name: UserName ?? UserId,
      ...(email !== undefined && { email }),
      externalIds: ExternalIds.map(({ Issuer, Id }) => ({ issuer: Issuer, externalId: Id })),
      ...(UserStatus !== undefined && { status: UserStatus }),
    };
  });
export type StoreUser = z.infer<typeof user>;

export interface StoreUsers {
  users: ReadonlyMap<string, StoreUser>;
  /** Users that could not be understood; each at no place yet. */
  gaps: readonly Gap[];
  /** Pages that were asked for. */
  requests: number;
}

/** Everybody in an identity store: whichever collector of the account needs it first asks for it. Throws what `client.ask` throws. */
export function usersOf(
  { client, pageSize }: Pick<CollectContext<Config, Client>, 'client' | 'pageSize'>,
  region: string,
  IdentityStoreId: string,
): Promise<StoreUsers> {
  return answeredOnce(client, `${LIST_USERS} ${region} ${IdentityStoreId}`, async () => {
    const users = new Map<string, StoreUser>();
    const gaps: Gap[] = [];
    let requests = 0;
    const ask = (NextToken: string | undefined) =>
      client.ask(LIST_USERS, region, { IdentityStoreId, MaxResults: pageSize(100), ...(NextToken !== undefined && { NextToken }) }, page);
    for await (const { items } of pagesOf(ask)) {
      requests++;
      const parsed = parseItems(items, user, { what: 'user', scope: () => '' });
      gaps.push(...parsed.gaps);
      for (const one of parsed.items) users.set(one.id, one);
    }
    return { users, gaps, requests };
  });
}

/** What the list costs whoever asks first: its pages, in all regions in which an identity store is read. */
export function usersShared(sizes: Sizes): Readonly<Record<string, number>> {
  return { [permissionOf(LIST_USERS)]: sizes.of('identity_store_more') };
}
