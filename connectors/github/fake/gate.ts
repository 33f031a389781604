import { faultFor, type FaultPlan } from '../../../src/testing/faults.ts';
import type { FakeAnswer, FakeRequest } from '../../../src/testing/server.ts';
import { ACCESS, type Access, type Operation, type Plan, refusalFor } from './access.ts';
import {
  API_VERSIONS,
  errorAnswer,
  type Limits,
  permissionHeaders,
  primaryLimit,
  versionOf,
  withEntityTag,
  withHeaders,
  withoutUserAgent,
} from './answers.ts';
import type { Caller, Credentials } from './credentials.ts';
import { ENTERPRISE } from './enterprise.ts';
import type { SignIn } from './external-identities.ts';
import type { World } from './world.ts';

/** From so many rows on a query is too much, and how GitHub says so; with status 200. `times` = how often, absent = always. */
export interface Strain {
  rows: number;
  says: 'timeout' | 'went wrong' | 'no time' | 'resource limits' | 'nothing';
  times?: number;
}

/** All that changes while the server runs. */
export interface Github {
  world: World;
  night: number;
  plan: Plan;
  signIn: SignIn | undefined;
  credentials: Credentials;
  /** Permissions that nobody revoked. */
  held: Set<string>;
  limits: Limits;
  /** The repositories that our App is installed on, in GitHub's words. */
  selection: 'all' | 'selected';
  /** Where the primary limit is used up. */
  exhausted: FaultPlan;
  /** What is too much for GraphQL. */
  strain: Strain | undefined;
}

/** How much of a list the caller sees. */
export type View = 'whole' | 'public';

export type Handler = (request: FakeRequest, caller: Caller, view: View) => FakeAnswer;

/** What happens to every request before, and to every answer after, the operation itself. */
export function answerTo(github: Github, operation: Operation, handler: Handler, request: FakeRequest): FakeAnswer {
  if (!request.headers['user-agent']) return withoutUserAgent();
  const access: Access = ACCESS[operation];
  const caller = github.credentials.identify(request.headers.authorization);
  const signature = `${request.method} ${request.url.pathname}${request.url.search}`;
  if (faultFor(github.exhausted, operation, signature) !== undefined)
    return withHeaders(primaryLimit(caller, github.world.owner.id), request, github.limits.headers(caller, 'exhausted'));
  const answer = withEntityTag(judged(github, access, handler, request, caller), request);
  return withHeaders(answer, request, {
    ...github.limits.headers(caller, answer.status === 304 || operation === 'GET /rate_limit' ? 'free' : 'counted'),
    ...permissionHeaders(access, caller, github.held),
  });
}

function judged(github: Github, access: Access, handler: Handler, request: FakeRequest, caller: Caller): FakeAnswer {
  const version = versionOf(request);
  if (!API_VERSIONS.some((known) => known === version))
    return errorAnswer(400, `The API version "${version}" is not supported.`, 'rest/about-the-rest-api/api-versions');
  const refusal = refusalFor(access, caller, github.held);
  const view = refusal && access.publicPart && refusal.status !== 401 ? 'public' : 'whole';
  if (refusal && view === 'whole') return errorAnswer(refusal.status, refusal.message, access.docs);
  const here = isHere(github, request) && (access.plans?.includes(github.plan) ?? true);
  return here ? handler(request, caller, view) : errorAnswer(404, 'Not Found', access.docs);
}

/** Logins are compared without case. */
function isHere({ world }: Github, { params }: FakeRequest): boolean {
  if (params.enterprise !== undefined) return params.enterprise === ENTERPRISE.slug || params.enterprise === String(ENTERPRISE.id);
  if (params.org !== undefined) return params.org.toLowerCase() === world.organization.login;
  if (params.owner !== undefined && params.owner.toLowerCase() !== world.organization.login) return false;
  return params.organization_id === undefined || params.organization_id === String(world.organization.id);
}
