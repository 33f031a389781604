/** What an ecosystem is called elsewhere, and what the catalog calls it: the types of package URLs, and `go` for golang. */
const ECOSYSTEM: Readonly<Record<string, string>> = {
  crates: 'cargo',
  'crates.io': 'cargo',
  golang: 'go',
  packagist: 'composer',
  rubygems: 'gem',
};

/** `ecosystem:name` as the catalog spells it: two spellings that a registry takes for one package are one. */
export function packageForm(value: string): string {
  const colon = value.indexOf(':');
  if (colon < 0) return value;
  const given = value.slice(0, colon).toLowerCase();
  const ecosystem = Object.hasOwn(ECOSYSTEM, given) ? ECOSYSTEM[given]! : given;
  return `${ecosystem}:${nameForm(ecosystem, value.slice(colon + 1))}`;
}

function nameForm(ecosystem: string, name: string): string {
  switch (ecosystem) {
    case 'npm':
    case 'gem':
      return name;
    case 'pypi':
      // PyPI takes runs of these signs for one, and no notice of case (PEP 503).
      return name.toLowerCase().replaceAll(/[-_.]+/g, '-');
    case 'cargo':
      return name.toLowerCase().replaceAll('_', '-');
    case 'maven':
      // A package URL has a slash between group and artifact, where build files have a colon.
      return name.toLowerCase().replace(':', '/');
    default:
      return name.toLowerCase();
  }
}

/** Where a package or an action is published, if only one party may publish there; the catalog is asked for it as for a signal of this type. */
export interface Namespace {
  type: 'action' | 'domain' | 'github_owner' | 'package';
  value: string;
}

/**
 * The namespaces that a package lies in, the narrowest first; `form` as `packageForm` gives it.
 * An npm scope belongs to who made it (https://docs.npmjs.com/about-scopes), and so does the vendor's name of Composer (https://packagist.org/about).
 * A module of Go or Swift is named after where its source lies (https://go.dev/ref/mod#module-path).
 * A group of Maven belongs to one, mostly as its domain turned round, which its owner has to prove (https://central.sonatype.org/register/namespace/).
 */
export function namespacesOf(form: string): Namespace[] {
  const [ecosystem, name = ''] = form.split(':', 2) as [string, string?];
  const parts = name.split('/');
  switch (ecosystem) {
    case 'npm':
    case 'composer':
      return parts.length > 1 ? [{ type: 'package', value: `${ecosystem}:${parts[0]}/*` }] : [];
    case 'githubactions':
      return [{ type: 'action', value: name }, ...ownerOf(parts[0]!)];
    case 'go':
    case 'swift':
      return [
        ...modulesAbove(ecosystem, parts),
        ...(parts[0] === 'github.com' ? ownerOf(parts[1]) : [{ type: 'domain', value: parts[0]! } as const]),
      ];
    case 'maven':
      return [{ type: 'package', value: `maven:${parts[0]}/*` }, ...groupOf(parts[0]!.split('.'))];
    default:
      return [];
  }
}

/** Packages lie below their module, and so do its later versions: `…/openai-go/v3/option` is of `…/openai-go`. */
function modulesAbove(ecosystem: string, parts: readonly string[]): Namespace[] {
  const above: Namespace[] = [];
  for (let end = parts.length - 1; end > 1; end--) above.push({ type: 'package', value: `${ecosystem}:${parts.slice(0, end).join('/')}` });
  return above;
}

function groupOf(labels: readonly string[]): Namespace[] {
  const [top, second, owner] = labels;
  if (second === 'github' && (top === 'io' || top === 'com')) return ownerOf(owner);
  return [{ type: 'domain', value: labels.toReversed().join('.') }];
}

export function ownerOf(name: string | undefined): Namespace[] {
  return name === undefined ? [] : [{ type: 'github_owner', value: name }];
}
