import { isLoopbackAddress, ProviderFault, USER_AGENT, type Wire, type WireOrigin } from '../../src/connector/index.ts';
import { isEnterpriseServer, webHost, type Config } from './config.ts';
import type { GithubCalls } from './send.ts';

/** Fetches one file of a report from its signed address, and gives its text. Throws a ProviderFault. */
export type FetchReport = (address: string) => Promise<string>;

/**
 * Where GitHub keeps the files of its reports: a host of its own on github.com and on each subdomain of ghe.com, and none for Enterprise
 * Server. A loopback address stands for github.com, and is sent what is meant for there.
 * https://github.blog/changelog/2026-05-20-copilot-usage-metrics-reports-now-use-github-owned-download-urls
 */
export function reportsOrigin(config: Config): WireOrigin | undefined {
  const { baseUrl } = config;
  if (isEnterpriseServer(config)) return undefined;
  if (isLoopbackAddress(baseUrl)) return { url: 'https://copilot-reports.github.com', sendTo: new URL(baseUrl).origin };
  return { url: `https://copilot-reports.${webHost(config)}` };
}

/**
 * The signature in the address is the credential, so that none goes along, and no message of ours may hold the address.
 * It does not go through the SDK: its errors name what was asked for, query and all.
 */
export function reportFetcher(origin: WireOrigin | undefined, wire: Wire, { rest, atOnce }: GithubCalls): FetchReport {
  return (address) => {
    if (!isWithin(address, origin))
      throw new ProviderFault('A report lies on another host; nothing was sent there', { reason: 'truncated' });
    const fetched = async () => {
      const answer = await wire.fetch(address, { headers: { accept: '*/*', 'user-agent': USER_AGENT } });
      if (answer.status === 200) return answer.text();
      const retry = answer.status === 429 || answer.status === 408 || answer.status >= 500;
      throw new ProviderFault(`The place of the report answers ${answer.status}`, { retry });
    };
    return rest.run(() => atOnce(fetched));
  };
}

function isWithin(address: string, origin: WireOrigin | undefined): boolean {
  if (origin === undefined || !URL.canParse(address)) return false;
  const url = new URL(address);
  return url.origin === origin.url && url.username === '' && url.password === '';
}
