import type { Exchange } from './exchange.ts';

/** One change to a good exchange, and what must be found. A checker that cannot fail checks nothing. */
export interface Mistake {
  title: string;
  of: string;
  change(exchange: Exchange): Partial<Exchange>;
  /** Rule and place. */
  finds: string;
}

export const MISTAKES: Readonly<Record<string, readonly Mistake[]>> = {
  'google-workspace': [
    {
      title: 'an id that is a number',
      of: 'directory.users.list',
      change: answer('"id":"', '"id":7,"etag":"'),
      finds: 'response-body /users/0/id',
    },
    {
      title: 'an invented field',
      of: 'directory.users.list',
      change: answer('{"users"', '{"count":1,"users"'),
      finds: 'response-body /count',
    },
    {
      title: 'a field that the mask leaves out',
      of: 'directory.users.list',
      change: answer('"users":[{', '"users":[{"recoveryPhone":"+1",'),
      finds: 'response-body /users/0/recoveryPhone',
    },
    {
      title: 'a missing field',
      of: 'directory.users.list',
      change: answer(/"primaryEmail":"[^"]*",?/, ''),
      finds: 'response-body /users/0',
    },
    { title: 'an unknown parameter', of: 'directory.users.list', change: asked('maxResults', 'pageSize'), finds: 'query query/pageSize' },
    {
      title: 'a page over the maximum',
      of: 'directory.users.list',
      change: asked(/maxResults=\d+/, 'maxResults=501'),
      finds: 'query query/maxResults',
    },
    {
      title: 'a mask of an unknown field',
      of: 'directory.users.list',
      change: asked('primaryEmail', 'mainEmail'),
      finds: 'query query/fields',
    },
    {
      title: 'a missing token',
      of: 'directory.users.list',
      change: without('authorization'),
      finds: 'request-header header.authorization',
    },
    { title: 'more rows than asked for', of: 'directory.users.list', change: asked(/maxResults=\d+/, 'maxResults=1'), finds: 'page ' },
    {
      title: 'a count that is a number',
      of: 'chromemanagement.customers.reports.findSaasUsage',
      change: answer('"visitsCount":"', '"visitsCount":7,"headquarters":"'),
      finds: 'response-body /saasReports/0/visitsCount',
    },
    {
      title: 'a page over the maximum of another API',
      of: 'cloudidentity.policies.list',
      change: asked(/pageSize=\d+/, 'pageSize=101'),
      finds: 'query query/pageSize',
    },
    {
      title: 'a resource without its name',
      of: 'cloudasset.assets.list',
      change: answer(/"name":"\/\/[^"]*",?/, ''),
      finds: 'response-body /assets/0',
    },
    {
      title: 'another grant',
      of: 'oauth2.token',
      change: posted(/grant_type=[^&]*/, 'grant_type=password'),
      finds: 'request-body /grant_type',
    },
    {
      title: 'an error in another envelope',
      of: 'directory.users.list',
      change: () => failed(500, '{"message":"no"}'),
      finds: 'error-body ',
    },
    { title: 'a write', of: 'directory.users.list', change: () => ({ method: 'POST' }), finds: 'write method' },
    {
      title: 'an operation that nobody described',
      of: 'directory.users.list',
      change: asked('/users', '/groups'),
      finds: 'no-description url',
    },
  ],
  github: [
    {
      title: 'an id that is text',
      of: 'GET /orgs/{org}/installations',
      change: answer(/"id":\d+/, '"id":"7"'),
      finds: 'response-body /installations/0/id',
    },
    {
      title: 'an invented field',
      of: 'GET /orgs/{org}/members',
      change: answer('{"login"', '{"team":"x","login"'),
      finds: 'response-body /0/team',
    },
    { title: 'a missing field', of: 'GET /orgs/{org}/actions/secrets', change: answer(/"total_count":\d+,/, ''), finds: 'response-body ' },
    {
      title: 'an unknown parameter',
      of: 'GET /orgs/{org}/members',
      change: asked('per_page', 'page_size'),
      finds: 'query query/page_size',
    },
    {
      title: 'a page over the maximum',
      of: 'GET /orgs/{org}/members',
      change: asked(/per_page=\d+/, 'per_page=101'),
      finds: 'query query/per_page',
    },
    {
      title: 'a credential at the host of reports',
      of: 'GET copilot-reports/{+file}',
      change: ({ requestHeaders }) => ({ requestHeaders: { ...requestHeaders, authorization: 'bearer ghp_x' } }),
      finds: 'request-header header.authorization',
    },
    {
      title: 'a missing version',
      of: 'GET /orgs/{org}',
      change: without('x-github-api-version'),
      finds: 'request-header header.x-github-api-version',
    },
    { title: 'a missing media type', of: 'GET /orgs/{org}', change: without('accept'), finds: 'request-header header.accept' },
    { title: 'a missing user agent', of: 'GET /orgs/{org}', change: without('user-agent'), finds: 'request-header header.user-agent' },
    { title: 'more rows than asked for', of: 'GET /orgs/{org}/members', change: asked(/per_page=\d+/, 'per_page=1'), finds: 'page ' },
    {
      title: 'a next page on another host',
      of: 'GET /orgs/{org}/members',
      change: ({ responseHeaders }) => ({ responseHeaders: { ...responseHeaders, link: '<https://github.example/x?page=2>; rel="next"' } }),
      finds: 'response-header header.link',
    },
    {
      title: 'a field that the published schema does not have',
      of: 'POST /graphql',
      change: ({ requestBody }) => ({ requestBody: requestBody.replace('nameWithOwner', 'fullName') }),
      finds: 'graphql query.organization.repositories.nodes.fullName',
    },
    {
      title: 'a connection without a size',
      of: 'POST /graphql',
      change: ({ requestBody }) => ({ requestBody: requestBody.replace('history(first: 30)', 'history') }),
      finds: 'graphql query.organization.repositories.nodes.defaultBranchRef.target.history',
    },
    { title: 'an error without a message', of: 'GET /orgs/{org}', change: () => failed(403, '{"status":"403"}'), finds: 'error-body ' },
    { title: 'a write', of: 'GET /orgs/{org}', change: () => ({ method: 'PATCH' }), finds: 'write method' },
    {
      title: 'an operation that nobody described',
      of: 'GET /orgs/{org}/members',
      change: asked('/members', '/teams'),
      finds: 'no-description url',
    },
  ],
  aws: [
    {
      title: 'a date in words where seconds are documented',
      of: 'secrets-manager.ListSecrets',
      change: answer(/"CreatedDate":[\d.]+/, '"CreatedDate":"2026-01-01T00:00:00Z"'),
      finds: 'response-body /SecretList/0/CreatedDate',
    },
    {
      title: 'a field that a service has not',
      of: 'bedrock-agentcore-control.ListGateways',
      change: answer('{"items"', '{"count":1,"items"'),
      finds: 'response-body /count',
    },
    {
      title: 'a page over the maximum of a service',
      of: 'bedrock-agentcore-control.ListWorkloadIdentities',
      change: posted(/"maxResults":\d+/, '"maxResults":21'),
      finds: 'request-body /maxResults',
    },
    {
      title: 'an unknown parameter in an address',
      of: 'lambda.ListFunctions',
      change: asked('MaxItems', 'PageSize'),
      finds: 'query query/PageSize',
    },
    {
      title: 'an error with the status of another style',
      of: 'ssm.DescribeParameters',
      change: () => failed(403, '{"__type":"AccessDeniedException","message":"no"}'),
      finds: 'status /code',
    },
    {
      title: 'a signature for another service',
      of: 'bedrock.ListCustomModels',
      change: ({ requestHeaders }: Exchange) => ({
        requestHeaders: { ...requestHeaders, authorization: requestHeaders['authorization']!.replace('/bedrock/', '/lambda/') },
      }),
      finds: 'request-header header.authorization',
    },
    {
      title: 'a date that is none',
      of: 'iam.GetAccountAuthorizationDetails',
      change: answer(/<CreateDate>[^<]*/, '<CreateDate>yesterday'),
      finds: 'response-body /GetAccountAuthorizationDetailsResult/UserDetailList/0/CreateDate',
    },
    {
      title: 'an invented field',
      of: 'sts.GetCallerIdentity',
      change: answer('<Account>', '<Alias>x</Alias><Account>'),
      finds: 'response-body /GetCallerIdentityResult/Alias',
    },
    {
      title: 'a missing field',
      of: 'iam.ListServiceSpecificCredentials',
      change: answer(/<ServiceName>[^<]*<\/ServiceName>/, ''),
      finds: 'response-body /ListServiceSpecificCredentialsResult/ServiceSpecificCredentials/0',
    },
    {
      title: 'a policy that is not encoded',
      of: 'iam.GetAccountAuthorizationDetails',
      change: answer(/<AssumeRolePolicyDocument>[^<]*/, (found: string) => decodeURIComponent(found)),
      finds: 'response-body /AssumeRolePolicyDocument',
    },
    {
      title: 'an answer without a result',
      of: 'iam.ListSAMLProviders',
      change: answer(/<ListSAMLProvidersResult.*Result>/, ''),
      finds: 'response-body ',
    },
    {
      title: 'an unknown parameter',
      of: 'iam.GetAccountAuthorizationDetails',
      change: posted('MaxItems', 'PageSize'),
      finds: 'request-body /PageSize',
    },
    {
      title: 'a page over the maximum',
      of: 'iam.GetAccountAuthorizationDetails',
      change: posted(/MaxItems=\d+/, 'MaxItems=1001'),
      finds: 'request-body /MaxItems',
    },
    {
      title: 'a filter of an unknown kind',
      of: 'iam.GetAccountAuthorizationDetails',
      change: posted('member.1=User', 'member.1=Person'),
      finds: 'request-body /Filter/0',
    },
    {
      title: 'a missing parameter',
      of: 'iam.GetOpenIDConnectProvider',
      change: posted(/&?OpenIDConnectProviderArn=[^&]*/, ''),
      finds: 'request-body ',
    },
    { title: 'another version', of: 'sts.GetCallerIdentity', change: posted('2011-06-15', '2010-05-08'), finds: 'request-body /Version' },
    {
      title: 'a missing signature',
      of: 'sts.GetCallerIdentity',
      change: without('authorization'),
      finds: 'request-header header.authorization',
    },
    {
      title: 'more items than asked for',
      of: 'iam.GetAccountAuthorizationDetails',
      change: posted(/MaxItems=\d+/, 'MaxItems=1'),
      finds: 'page ',
    },
    {
      title: 'a code under another status',
      of: 'sts.GetCallerIdentity',
      change: () => ({ status: 500, responseBody: ACCESS_DENIED }),
      finds: 'status /Error/Code',
    },
    { title: 'a write', of: 'iam.ListSAMLProviders', change: posted('ListSAMLProviders', 'DeleteSAMLProvider'), finds: 'write method' },
  ],
};

const ACCESS_DENIED =
  '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error><RequestId>1</RequestId></ErrorResponse>';

type Replacement = string | ((found: string) => string);

function answer(from: string | RegExp, to: Replacement) {
  return ({ responseBody }: Exchange) => ({ responseBody: responseBody.replace(from, to as string) });
}

function asked(from: string | RegExp, to: string) {
  return ({ url }: Exchange) => ({ url: url.replace(from, to) });
}

function posted(from: string | RegExp, to: string) {
  return ({ requestBody }: Exchange) => ({ requestBody: requestBody.replace(from, to) });
}

function without(header: string) {
  return ({ requestHeaders: { [header]: _left, ...requestHeaders } }: Exchange) => ({ requestHeaders });
}

function failed(status: number, responseBody: string): Partial<Exchange> {
  return { status, responseBody };
}
