import { defineCollector, path, type CollectContext, type Observation, type Scope } from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import { webPage, type Config } from './config.ts';
import { readDeep } from './deep.ts';
import { leaf, readLeaf, UNCOUNTED } from './inventory.ts';
import { GRAPHQL, LISTS } from './operations.ts';
import { sbom, type Repository, type Sbom } from './schema.ts';

const SBOM = 'GET /repos/{owner}/{repo}/dependency-graph/sbom';
const ROOT = 'packages';

/** Packages of AI services that code depends on, by GitHub's own graph of dependencies. */
export const repositoryPackages = defineCollector<Config, Client>({
  id: 'repository_packages',
  title: 'AI packages that repositories depend on',
  version: 1,
  kinds: ['code_evidence'],
  mode: 'inventory',
  operations: [GRAPHQL, SBOM],
  permissions: [{ id: LISTS[SBOM].app, purpose: 'Read the dependencies of repositories', required: false, orElse: [LISTS[SBOM].token] }],
  limits: [
    'A dependency says that code can use a service, not that it does',
    'The graph of dependencies has to be switched on, and knows what lock files and manifests of the default branch name',
    'Packages that the catalog does not know are not kept',
    'Each repository costs a request, of a quota of its own',
    UNCOUNTED,
  ],
  volatile: [],
  optional: true,
  requests: (sizes) => sizes.pages('deep_repositories', 100) + sizes.of('repository_packages'),
  collect: (context) =>
    readDeep(context, {
      root: ROOT,
      effect: 'Which AI packages repositories depend on is unknown',
      size: 'repository_packages',
      parts: [{ name: 'sbom', list: SBOM, read: (each, of) => readLeaf(each, leaf<Sbom>(sbomOf(context, of))) }],
    }),
});

function sbomOf(context: CollectContext<Config, Client>, of: Repository) {
  return {
    one: SBOM,
    parameters: { owner: of.owner.login, repo: of.name },
    place: [ROOT, of.id, 'sbom'],
    effect: `Which AI packages ${of.full_name} depends on is unknown`,
    schema: sbom,
    observe: (data: Sbom, scope: Scope): Observation[] =>
      packagesOf(data).flatMap((name) => {
        const signals = [{ type: 'package', value: name }];
        const interest = context.interest(signals);
        return interest === 'ai' || interest === 'suspected' ? [packageIn(context.config, of, name, scope)] : [];
      }),
  } as const;
}

/** `pkg:npm/%40scope/name@1.2.3?x=y`, as packages are named everywhere. https://github.com/package-url/purl-spec */
function packagesOf({ sbom: { packages } }: Sbom): string[] {
  const names = packages.flatMap(({ externalRefs }) =>
    (externalRefs ?? []).flatMap(({ referenceLocator: locator }) => {
      const [, type, name] = /^pkg:([a-z]+)\/([^@?#]+)/.exec(locator) ?? [];
      return type !== undefined && name !== undefined ? [`${type === 'golang' ? 'go' : type}:${decoded(name)}`] : [];
    }),
  );
  return [...new Set(names)].sort();
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function packageIn(config: Config, of: Repository, name: string, scope: Scope): Observation {
  return {
    type: 'observation',
    thing: path('repository', of.id, 'package', name),
    nativeId: path('repository', of.id, 'package', name),
    kind: 'code_evidence',
    scope,
    subject: { app: path('package', name), name },
    signals: [{ type: 'package', value: name }],
    permissions: [],
    attributes: { repository: of.id, repositoryName: of.full_name },
    evidence: { source: SBOM, url: webPage(config, `/${of.full_name}/network/dependencies`) },
  };
}
