import { z } from 'zod';
import { defineCollector, path, type CollectContext, type Observation, type Scope, type Signal } from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import { webPage, type Config } from './config.ts';
import { GRAPHQL, LISTS } from './operations.ts';
import { readRepositories, repositoryQuery } from './repositories.ts';
import { botSignals, idOf } from './server.ts';

const time = z.iso.datetime({ offset: true }).transform((text) => new Date(text).toISOString());
const commit = z.object({ committedDate: time, message: z.string(), author: z.object({ email: z.string().nullish() }).nullish() });
const pull = z.object({
  createdAt: time,
  mergedAt: time.nullish(),
  /** Of each reviewer the last that says yes or no. null = not told. */
  latestOpinionatedReviews: z
    .object({
      totalCount: z.int(),
      nodes: z.array(z.object({ state: z.string(), author: z.object({ __typename: z.string() }).nullish() })),
    })
    .nullish(),
  author: z.object({ __typename: z.string(), login: z.string(), databaseId: z.int().transform(String).nullish() }).nullish(),
});
const node = z.object({
  databaseId: z.int().transform(String),
  nameWithOwner: z.string(),
  pullRequests: z.object({ nodes: z.array(pull) }).nullish(),
  defaultBranchRef: z.object({ target: z.object({ history: z.object({ nodes: z.array(commit) }).nullish() }).nullish() }).nullish(),
});
type Node = z.infer<typeof node>;

/** Eleven points a page, by GitHub's formula: 1,101 connections of 50 repositories; and 7,600 of the 500,000 nodes that a query may ask for. */
const FIELDS = `
        pullRequests(first: 20, orderBy: { field: CREATED_AT, direction: DESC }) @include(if: $whole) {
          nodes {
            createdAt
            mergedAt
            latestOpinionatedReviews(first: 5) { totalCount nodes { state author { __typename } } }
            author { __typename login ... on Bot { databaseId } }
          }
        }
        defaultBranchRef @include(if: $whole) {
          target { ... on Commit { history(first: 30) { nodes { committedDate message author { email } } } } }
        }`;

const CONTENTS = 'app:contents:read';
const PULLS = 'app:pull_requests:read';

/**
 * The last commits of a quiet repository are years old: who made none for a quarter, by months, does not write code here lately.
 * Of the month in which somebody wrote last the first day counts.
 */
const LATELY_DAYS = 90;

/** AI that writes code here lately, and whether somebody approved what it proposed before it was merged. */
export const codeAuthors = defineCollector<Config, Client>({
  id: 'code_authors',
  title: 'AI among the authors of code',
  version: 3,
  kinds: ['code_evidence'],
  // What is older than the last commits is out of sight, and not gone.
  mode: 'log',
  lane: 'queries',
  soleWitness: { kinds: ['code_evidence'], days: LATELY_DAYS },
  operations: [GRAPHQL],
  permissions: [
    { id: CONTENTS, purpose: 'Read who made the last commits', required: false, orElse: [LISTS[GRAPHQL].token] },
    {
      id: PULLS,
      purpose: 'Read who proposed the last changes, and whether they were approved',
      required: false,
      orElse: [LISTS[GRAPHQL].token],
    },
  ],
  limits: [
    'Of each repository the last 30 commits of the default branch and the last 20 pull requests are read',
    'AI is told by the address of an author, by a trailer of the message or by the login of a bot: names of authors are not looked at',
    `Who made no commit and proposed nothing in the ${LATELY_DAYS} days from the beginning of a month is not told of any more`,
    'An approval by the account of a person may have come from a program: GitHub marks Apps alone as such. Of who reviewed a pull request, five are read',
  ],
  volatile: ['commits', 'pullRequests', 'merged', 'mergedUnapproved', 'mergedUnseen'],
  requests: (sizes) => sizes.pages('repositories', 50),
  collect: (context) =>
    readRepositories(context, {
      query: repositoryQuery('CodeAuthors', FIELDS, node),
      place: ['code_authors'],
      effect: 'Which AI writes code is unknown',
      permission: CONTENTS,
      permissions: { pullRequests: PULLS },
      largest: 50,
      window: () => ({ from: context.now().toISOString(), to: context.now().toISOString() }),
      observe: (found, place) => authorsOf(context, found, place),
    }),
});

interface Author {
  /** An address, a trailer, or the login of a bot. */
  name: string;
  signals: readonly Signal[];
  /** Of a bot: its user id, the same in REST and in GraphQL, or its login where GitHub does not say the id. */
  bot?: string;
  last: string;
  commits: number;
  pullRequests: number;
  merged: number;
  mergedUnapproved: number;
  /** Nobody can tell whether a person approved. */
  mergedUnseen: number;
}

function authorsOf(context: CollectContext<Config, Client>, found: Node, scope: Scope): Observation[] {
  const authors = new Map<string, Author>();
  const meet = (who: Pick<Author, 'name' | 'signals' | 'bot'>, at: string): Author | undefined => {
    const interest = context.interest(who.signals);
    if (interest !== 'ai' && interest !== 'suspected') return undefined;
    const known = authors.get(who.name) ?? {
      ...who,
      last: at,
      commits: 0,
      pullRequests: 0,
      merged: 0,
      mergedUnapproved: 0,
      mergedUnseen: 0,
    };
    if (at > known.last) known.last = at;
    authors.set(who.name, known);
    return known;
  };
  for (const each of found.defaultBranchRef?.target?.history?.nodes ?? [])
    for (const signal of commitSignals(each)) {
      const author = meet({ name: signal.value, signals: [signal, ...botBehind(context.config, signal)] }, each.committedDate);
      if (author) author.commits++;
    }
  for (const { author: by, createdAt, mergedAt, latestOpinionatedReviews } of found.pullRequests?.nodes ?? []) {
    const author = by?.__typename === 'Bot' ? meet(botOf(context.config, by.login, by.databaseId ?? undefined), createdAt) : undefined;
    if (!author) continue;
    author.pullRequests++;
    if (!mergedAt) continue;
    author.merged++;
    const gate = gateIn(latestOpinionatedReviews);
    if (gate === 'absent') author.mergedUnapproved++;
    if (gate === 'unseen') author.mergedUnseen++;
  }
  return [...authors.values()].map((author) => authorship(context.config, found, scope, author));
}

type Gate = 'present' | 'absent' | 'unseen';

/** Did a person approve? Whose account was deleted may have been one, and so may those who reviewed beyond the ones that are read. */
function gateIn(reviews: z.infer<typeof pull>['latestOpinionatedReviews']): Gate {
  if (!reviews) return 'unseen';
  const approved = reviews.nodes.filter(({ state }) => state === 'APPROVED');
  if (approved.some(({ author }) => author?.__typename === 'User')) return 'present';
  return reviews.totalCount > reviews.nodes.length || approved.some(({ author }) => !author) ? 'unseen' : 'absent';
}

/** GraphQL leaves out what REST writes behind the login of a bot; the user id is the same in both. */
function botOf(config: Config, login: string, id: string | undefined) {
  const name = login.endsWith('[bot]') ? login : `${login}[bot]`;
  return { name, signals: botSignals(config, name, id), bot: id ?? path('bot', name) };
}

/** The address that GitHub gives a bot: `ID+LOGIN@…`. https://docs.github.com/en/account-and-profile/reference/email-addresses-reference */
const NO_REPLY = /^(\d{1,20})\+([^@\s]{1,100}\[bot\])@users\.noreply\.github\.com$/i;

/** Whose address it is, where that says so: the user id stays when the bot is renamed. */
function botBehind(config: Config, { type, value }: Signal): Signal[] {
  const [, id, login = ''] = (type === 'commit_email' && NO_REPLY.exec(value)) || [];
  return id === undefined ? [] : botSignals(config, login, id);
}

const CO_AUTHOR = /^co-authored-by:[^<]*<([^<>\s]+)>\s*$/i;

/** The addresses of all authors, and the lines after the first, where tools leave their mark. */
function commitSignals({ author, message }: z.infer<typeof commit>): Signal[] {
  const lines = message
    .split('\n')
    .slice(1)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const emails = [author?.email, ...lines.map((line) => CO_AUTHOR.exec(line)?.[1])].filter((email) => typeof email === 'string');
  const trailers = lines.slice(-10).filter((line) => !CO_AUTHOR.test(line) && line.length <= 200);
  return [
    ...[...new Set(emails)].map((value) => ({ type: 'commit_email', value })),
    ...[...new Set(trailers)].map((value) => ({ type: 'commit_trailer', value })),
  ];
}

function authorship(config: Config, found: Node, scope: Scope, author: Author): Observation {
  const { name, signals, bot, last, commits, pullRequests, merged, mergedUnapproved, mergedUnseen } = author;
  const gate: Gate = mergedUnapproved > 0 ? 'absent' : mergedUnseen > 0 ? 'unseen' : 'present';
  return {
    type: 'observation',
    thing: path('repository', found.databaseId, 'author', name),
    nativeId: path('repository', found.databaseId, 'author', name),
    kind: 'code_evidence',
    scope,
    subject: { app: path('author', bot === undefined ? name : idOf(config, name)), name },
    ...(bot !== undefined && { principal: { id: bot, name, traits: ['bot_account'] as const } }),
    signals,
    permissions: [],
    lastUsedAt: { at: last, from: 'log' },
    // By month: whoever writes code each day is no other fact each night.
    happened: { at: `${last.slice(0, 7)}-01T00:00:00.000Z` },
    attributes: {
      repository: found.databaseId,
      repositoryName: found.nameWithOwner,
      ...(merged > 0 && { gate }),
      commits,
      pullRequests,
      merged,
      mergedUnapproved,
      mergedUnseen,
    },
    evidence: { source: GRAPHQL, url: webPage(config, `/${found.nameWithOwner}`) },
  };
}
