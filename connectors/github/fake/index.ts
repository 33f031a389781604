import type { Company } from '../../../src/testing/company.ts';
import type { Fake, FakeOptions, FakeProvider } from '../../../src/testing/fake.ts';
import { createFaultPlan } from '../../../src/testing/faults.ts';
import { type FakeAnswer, type FakeRequest, startFakeServer } from '../../../src/testing/server.ts';
import { accessOf, PERMISSIONS, type Plan } from './access.ts';
import { AVATAR_CANARY } from './accounts.ts';
import { ALERT_CANARY, isAiSecret } from './alerts.ts';
import { AUDIT_CANARY } from './audit-log.ts';
import { createLimits, errorAnswer, permissionHeaders, secondaryLimit, withHeaders } from './answers.ts';
import { AI_ACTION, AI_BOT, AI_EMAIL, AI_FILES, MCP_CANARY } from './code.ts';
import { createCredentials } from './credentials.ts';
import { ENTERPRISE } from './enterprise.ts';
import { expectedAbove, expectedOn, sizesOn } from './expected.ts';
import { CREDENTIAL_CANARY } from './authorizations.ts';
import type { SignIn } from './external-identities.ts';
import type { Github, Strain } from './gate.ts';
import { HOOK_CANARY } from './hooks.ts';
import { SUSPENDER_CANARY } from './installations.ts';
import { CONTACT_CANARY, OWN_APP } from './installed-apps.ts';
import { BILLING_CANARY, NOTIFICATION_CANARY } from './organization.ts';
import { misdirect } from './pages.ts';
import { routesOf } from './routes.ts';
import { AI_PACKAGE } from './repository-lists.ts';
import { AI_NAMES } from './secrets.ts';
import { SIGNATURE_CANARY } from './usage-report.ts';
import { VARIABLE_CANARY } from './variables.ts';
import { type Change, createWorld } from './world.ts';

/** A simulated GitHub with a limit that can be used up. */
export interface GithubFake extends FakeProvider {
  /**
   * Lets the primary limit run dry at that place: 403 with `x-ratelimit-remaining: 0`, and not a word of `retry-after`.
   * `nth` and `times` are those of a planned fault.
   */
  exhaust(where: { operation: string; nth?: number; times: number }): void;
  /** Changes the Actions secrets of one repository, from now on. */
  change(change: Change): void;
  /** Makes queries too much for it; undefined = none is. */
  strain(strain: Strain | undefined): void;
  /** Pushes to a repository, deletes one, or makes another, by its number: at once, so also between two pages of a list. */
  push(number: number, at: Date): void;
  remove(number: number): void;
  add(): void;
}

export interface GithubOptions extends FakeOptions {
  /** Absent = Enterprise Cloud with SAML single sign-on, which has everything. */
  plan?: Plan;
  signIn?: SignIn;
  /** Our App is installed on some of the repositories, and says so. */
  selective?: boolean;
}

/** One organisation, its App and a token of its owner. */
export const fake = { id: 'github', start } satisfies Fake;

async function start(company: Company, options: GithubOptions = {}): Promise<GithubFake> {
  const credentials = createCredentials(company.seed);
  const github: Github = {
    world: createWorld(company, options.empty ?? false),
    night: 0,
    plan: options.plan ?? 'saml',
    signIn: options.signIn,
    credentials,
    held: new Set(PERMISSIONS),
    limits: createLimits(),
    selection: options.selective ? 'selected' : 'all',
    exhausted: createFaultPlan(),
    strain: undefined,
  };
  const server = await startFakeServer({
    routes: routesOf(github).map((route) =>
      options.plan === 'server' ? { ...route, path: `${SERVER_PATH}${route.path}`.replace('/v3/graphql', '/graphql') } : route,
    ),
    refuse: (status, request, operation) => refuse(github, status, request, operation),
    misdirect,
    latency: options.latency ?? 0,
  });
  return {
    ...server,
    config: {
      connector: 'github',
      organization: github.world.organization.login,
      app: { id: OWN_APP.appId, privateKey: { env: 'GITHUB_APP_KEY' } },
      token: { env: 'GITHUB_TOKEN' },
      baseUrl: `${server.url}${options.plan === 'server' ? SERVER_PATH : ''}`,
    },
    groupConfig: {
      connector: 'github',
      enterprise: ENTERPRISE.slug,
      token: { env: 'GITHUB_TOKEN' },
      baseUrl: `${server.url}${options.plan === 'server' ? SERVER_PATH : ''}`,
    },
    environment: { GITHUB_APP_KEY: credentials.privateKey, GITHUB_TOKEN: credentials.token },
    permissions: PERMISSIONS,
    revoke: (permission) => void github.held.delete(known(permission)),
    restore: (permission) => void github.held.add(known(permission)),
    night: (number) => void (github.night = number),
    sizes: () => sizesOn(github.world, github.night),
    expected: () => expectedOn(github.world, github.night),
    groupExpected: () => expectedAbove(github.world, github.night),
    interest: (signals) => (signals.some(isAi) ? 'ai' : 'unknown'),
    change: (change) => github.world.change(change),
    strain: (strain) => void (github.strain = strain),
    push: (number, at) => github.world.push(number, at),
    remove: (number) => github.world.remove(number),
    add: () => github.world.add(),
    exhaust: (where) => github.exhausted.add({ ...where, fault: 403 }),
    get canaries() {
      const keyLine = credentials.privateKey.split('\n')[9]!;
      const planted = [
        ALERT_CANARY,
        AUDIT_CANARY,
        AVATAR_CANARY,
        BILLING_CANARY,
        CONTACT_CANARY,
        CREDENTIAL_CANARY,
        HOOK_CANARY,
        MCP_CANARY,
        NOTIFICATION_CANARY,
        SIGNATURE_CANARY,
        SUSPENDER_CANARY,
        VARIABLE_CANARY,
      ];
      return [credentials.token, keyLine, ...credentials.issued(), ...planted];
    },
  };
}

/** Where Enterprise Server has its API. */
const SERVER_PATH = '/api/v3';

/** What a catalog would know of this world. */
function isAi({ type, value }: { type: string; value: string }): boolean {
  if (type === 'secret_type') return isAiSecret(value);
  if (type === 'secret_name') return AI_NAMES.includes(value);
  return (
    (type === 'config_file' && AI_FILES.includes(value)) ||
    (type === 'action' && value === AI_ACTION) ||
    value === AI_EMAIL ||
    value === AI_BOT ||
    value === AI_PACKAGE
  );
}

/** A misspelt permission would make a test pass for the wrong reason. */
function known(permission: string): string {
  if (!PERMISSIONS.includes(permission)) throw new Error(`This GitHub has no permission ${permission}; it has ${PERMISSIONS.join(', ')}`);
  return permission;
}

/** A status that a test asked for, in the words in which GitHub would say it to this caller. */
function refuse(github: Github, status: number, request: FakeRequest, operation: string | undefined): FakeAnswer {
  const caller = github.credentials.identify(request.headers.authorization);
  const access = operation === undefined ? undefined : accessOf(operation);
  const headers = {
    ...github.limits.headers(caller, 'counted'),
    ...(access && permissionHeaders(access, caller, github.held)),
  };
  if (status === 429) return withHeaders(secondaryLimit(), request, headers);
  const messages: Record<number, string> = {
    401: 'Bad credentials',
    403: `Resource not accessible by ${caller.kind === 'token' ? 'personal access token' : 'integration'}`,
    404: 'Not Found',
    500: 'Server Error',
    503: 'Service Unavailable',
  };
  return withHeaders(errorAnswer(status, messages[status] ?? 'Server Error', access?.docs), request, headers);
}
