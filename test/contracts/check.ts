import { aws } from './aws/contract.ts';
import type { Contract, Exchange, Violation } from './exchange.ts';
import { github } from './github/contract.ts';
import { google } from './google/contract.ts';

/** By the id of the connector. */
export const contracts: Readonly<Record<string, Contract>> = { aws, github, 'google-workspace': google };

/** Holds a request and its answer against the provider's own description; what nobody has described is a violation. */
export function checkExchange(provider: string, exchange: Exchange): Violation[] {
  const violations: Violation[] = [];
  const sent = `${exchange.method} ${exchange.url} ${actionOf(exchange)}`.trim();
  if (!onlyReads(provider, exchange)) violations.push({ rule: 'write', where: 'method', message: `${sent} is not known to be a read` });
  const contract = contracts[provider];
  const operation = contract?.operationOf(exchange);
  if (contract && operation !== undefined) return [...violations, ...contract.check(exchange, operation)];
  return [...violations, { rule: 'no-description', where: 'url', message: `${provider} has no description of ${sent}` }];
}

/**
 * Posts that change nothing: the calls that fetch a token, and the reads of AWS, which posts everything.
 * Written here a second time, because the connector's own word for what only reads is what is tested.
 * `GenerateCredentialReport` and `GenerateServiceLastAccessedDetails` are reads by IAM's service authorization reference.
 */
const READING_POSTS: Readonly<Record<string, (exchange: Exchange) => boolean>> = {
  aws: (exchange) =>
    /^((Get|List|Describe)\w+|LookupEvents|SearchAgreements|GenerateCredentialReport|GenerateServiceLastAccessedDetails|AssumeRole)$/.test(actionOf(exchange)) ||
    POSTED_LISTS.has(new URL(exchange.url, 'http://provider.invalid').pathname),
  github: ({ url, requestBody }) =>
    /^\/app\/installations\/\d+\/access_tokens$/.test(url) || (url === '/graphql' && /^\{"query":"query /.test(requestBody)),
  'google-workspace': ({ url }) => url === '/token',
};

/** Lists of AWS that are asked for by POST. To create a thing, AWS puts to the first of them, and posts a memory to `/memories/create`. */
const POSTED_LISTS = new Set([
  '/runtimes/',
  '/agents/',
  '/knowledgebases/',
  '/memories/',
  '/browsers',
  '/code-interpreters',
  '/listRegions',
  '/identities/ListWorkloadIdentities',
  '/identities/ListOauth2CredentialProviders',
  '/identities/GetOauth2CredentialProvider',
  '/identities/ListApiKeyCredentialProviders',
]);

function onlyReads(provider: string, exchange: Exchange): boolean {
  return exchange.method === 'GET' || (exchange.method === 'POST' && READING_POSTS[provider]?.(exchange) === true);
}

function actionOf({ requestHeaders, requestBody }: Exchange): string {
  const target = requestHeaders['x-amz-target'];
  if (target !== undefined) return target.slice(target.lastIndexOf('.') + 1);
  return new URLSearchParams(requestBody).get('Action') ?? '';
}
