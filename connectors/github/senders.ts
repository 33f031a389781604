import { hash } from 'node:crypto';
import { Octokit } from '@octokit/rest';
import pLimit, { type LimitFunction } from 'p-limit';
import type { Secret } from '../../src/secret/secret.ts';
import { USER_AGENT, type Calls, type ConnectContext } from '../../src/connector/index.ts';
import { graphqlBase, type Config } from './config.ts';
import { fateOf } from './fate.ts';
import type { CredentialId } from './operations.ts';
import { reportFetcher, reportsOrigin, type FetchReport } from './reports.ts';
import { sender, type GithubCalls, type Send } from './send.ts';

/**
 * GitHub counts 900 points a minute, and advises one request after the other: this leaves room for the organisation's other tools.
 * https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
 */
const PACE = { perSecond: 10, inFlight: 1, mostInFlight: 10 };
/** GitHub counts GraphQL by the work that a query makes, which no request tells beforehand: one a second, whatever REST is allowed. */
const QUERY_PACE = { perSecond: 1, mostPerSecond: 1, inFlight: 1, mostInFlight: 10 };
/** Over all accounts that are read, whatever their paces are: GitHub bears a hundred, of all who ask. */
const MOST_AT_ONCE = 10;
const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

/**
 * What sends with each credential, and at which pace. A token is the same for all accounts that are read with it, and so is its quota.
 * Each installation of the App has a quota of its own.
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
 */
export function senders(context: ConnectContext<Config>): { send: Record<CredentialId, Send>; report: FetchReport } {
  const { config } = context;
  const { baseUrl } = config;
  const reports = reportsOrigin(config);
  const wire = context.wire({ api: { url: baseUrl }, graphql: { url: graphqlBase(config) }, ...(reports && { reports }) });
  const octokit = new Octokit({ baseUrl, userAgent: USER_AGENT, request: { fetch: wire.fetch }, log: SILENT });
  const ofAll = limitOf(context, baseUrl);
  let ofOrganization: LimitFunction | undefined;
  const callsAs = (as?: string): GithubCalls => {
    const query = context.calls(QUERY_PACE, fateOf, as && `${as} query`);
    const rest = context.calls(PACE, fateOf, as && `${as} rest`);
    // With App and token together; a token may be that of other organisations, too.
    const here = (ofOrganization ??= pLimit(rest.inFlight));
    const withIt: GithubCalls['atOnce'] = (work) => (as === undefined ? ofAll(work) : ofToken(rest)(() => ofAll(work)));
    return { query, rest, atOnce: (work) => here(() => withIt(work)) };
  };
  const app = callsAs();
  const token = config.token ? callsAs(fingerprintOf(baseUrl, context.secret(config.token))) : app;
  const send = { app: sender(octokit, app, config.apiVersion), token: sender(octokit, token, config.apiVersion) };
  return { send, report: reportFetcher(reports, wire, config.app ? app : token) };
}

/**
 * REST and GraphQL have paces of their own, and so has each credential; how many requests may be under way at once is of all together that read
 * one organisation, and of all organisations that are read with one token.
 */
const tokens = new WeakMap<Calls, LimitFunction>();

function ofToken(rest: Calls): LimitFunction {
  const limit = tokens.get(rest) ?? pLimit(rest.inFlight);
  tokens.set(rest, limit);
  return limit;
}

/** Tells a token from others, and does not give it away. */
function fingerprintOf(baseUrl: string, token: Secret): string {
  return hash('sha256', JSON.stringify([baseUrl, token.reveal().trim()])).slice(0, 16);
}

/** By the scan that a signal ends, and by the address of the API. */
const limits = new WeakMap<AbortSignal, Map<string, LimitFunction>>();

function limitOf({ signal }: ConnectContext<Config>, baseUrl: string): LimitFunction {
  const known = limits.get(signal) ?? new Map<string, LimitFunction>();
  limits.set(signal, known);
  const limit = known.get(baseUrl) ?? pLimit(MOST_AT_ONCE);
  known.set(baseUrl, limit);
  return limit;
}
