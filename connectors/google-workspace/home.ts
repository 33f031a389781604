import { path } from '../../src/connector/index.ts';

/**
 * A client id begins with the number of the project that registered it; 21 digits and nothing else are a service account,
 * which is how a delegation names its client. Both are listed by `cloud_assets`.
 * https://developers.google.com/identity/protocols/oauth2/service-account
 */
export function homeOf(app: string): string | undefined {
  const [, project] = /^(\d+)-\w+\.apps\.googleusercontent\.com$/.exec(app) ?? [];
  if (project !== undefined) return path('project', project);
  return /^\d{21}$/.test(app) ? path('service_account', app) : undefined;
}
