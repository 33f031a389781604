import type { Signal } from '../connector/index.ts';
import { lookupForm, type Catalog, type Claim } from './catalog.ts';
import { reasonsOfDisplayName, reasonsWithinOrOfAi } from './display-name.ts';
import type { Grade, Reason } from './match.ts';
import { namespacesOf, ownerOf, type Namespace } from './package-name.ts';
import { isCredential, readSecretName } from './secret-name.ts';

/** Ids that are given once and never again. */
const IMMUTABLE = new Set([
  'oauth_client_id',
  'github_app_id',
  'bot_user_id',
  'extension_id',
  'aws_account_id',
  'credential_service',
  'github_product',
]);

/** Identifiers that are names, or as good as: by them alone an app is likely of a product at most. */
const NAMES = new Set(['app_name', 'extension_name', 'github_owner', 'iam_name', 'iam_prefix']);

/** Does the catalog know the product by nothing that would make a match more than likely? */
export function isKnownByNameOnly(catalog: Catalog, product: string): boolean {
  return catalog.identifiedBy(product).every((type) => NAMES.has(type));
}

/** What one signal says of the app: nothing, or for each product that it may be why, and how sure that is. */
export function reasonsOf(catalog: Catalog, signal: Signal): Reason[] {
  switch (signal.type) {
    case 'app_name':
    case 'extension_name':
      return reasonsOfDisplayName(catalog, signal);
    case 'secret_name':
      return reasonsOfSecret(catalog, signal);
    case 'domain':
    case 'webhook_host':
    case 'oidc_issuer':
      return reasonsOfHost(catalog, signal);
    case 'home_page':
      // Whoever makes an app writes it: it is worth no more than the name that he gives it.
      return reasonsOfHost(catalog, signal, { grade: 'likely', why: `says that its home is ${signal.value}` });
    case 'iam_name':
      return reasonsOfIamName(catalog, signal);
    case 'oauth_client_id':
      return reasonsOfClient(catalog, signal);
    case 'config_file':
      return reasonsOfFile(catalog, signal);
    case 'action':
    case 'github_app':
    case 'bot_login':
    case 'package':
      return reasonsOfNamespaced(catalog, signal);
    default:
      return claimed(catalog, signal, lookupForm(signal.type, signal.value));
  }
}

/** The value itself, as it stands in the catalog. */
function claimed(catalog: Catalog, signal: Signal, value: string): Reason[] {
  const grade = IMMUTABLE.has(signal.type) ? 'exact' : 'strong';
  return catalog.claims(signal.type, value).map((claim) => reason(signal, claim, grade, `${signal.type} ${value}`));
}

function reason(signal: Signal, claim: Claim, grade: Grade, why: string): Reason {
  return {
    signal,
    grade: claim.ambiguous ? 'suspected' : grade,
    speaksFor: claim.id,
    why: claim.ambiguous ? `${why}, which others use too` : why,
  };
}

/** A name in a namespace: whole, then all of a namespace that only the vendor may publish in, then a known name within it. */
function reasonsOfNamespaced(catalog: Catalog, signal: Signal): Reason[] {
  const value = lookupForm(signal.type, withoutVersion(signal));
  const whole = claimed(catalog, signal, value);
  if (whole.length > 0) return whole;
  for (const namespace of namespacesAround(signal.type, value)) {
    const reasons = reasonsOfNamespace(catalog, signal, namespace);
    if (reasons.length > 0) return reasons;
  }
  const name = (signal.type === 'package' ? value.slice(value.indexOf(':') + 1) : value).replace(/\[bot\]$/, '');
  const own = glued(catalog, wordsOf(name.slice(name.lastIndexOf('/') + 1)));
  return reasonsWithinOrOfAi(catalog, signal, { given: name, words: own, all: wordsOf(name) }, { start: 'likely', elsewhere: 'suspected' });
}

function namespacesAround(type: string, value: string): Namespace[] {
  if (type === 'package') return namespacesOf(value);
  return type === 'action' ? ownerOf(value.split('/')[0]) : [];
}

function reasonsOfNamespace(catalog: Catalog, signal: Signal, { type, value }: Namespace): Reason[] {
  if (type === 'domain') return reasonsOfHost(catalog, signal, { host: value });
  const why = {
    action: `action ${value}`,
    github_owner: `of ${value} on GitHub`,
    package: `package of ${value.replaceAll(/^[a-z]+:|\/\*$/g, '')}`,
  };
  // Whose it is, is certain; but a vendor's repositories also hold tools for its own builds, which are no AI.
  const grade = type === 'github_owner' ? 'likely' : 'strong';
  return catalog.claims(type, lookupForm(type, value)).map((claim) => reason(signal, claim, grade, why[type]));
}

/** `@v4` of an action, `@1.0.0` of a package: not the sign that begins a scope. */
function withoutVersion({ type, value }: Signal): string {
  if (type === 'action') return value.replace(/@.*$/, '');
  return type === 'package' ? value.replace(/(?<=[^:@])@.*$/, '') : value;
}

function reasonsOfSecret(catalog: Catalog, signal: Signal): Reason[] {
  const { words, forms } = readSecretName(signal.value);
  for (const form of forms) {
    const claims = catalog.claims(signal.type, form);
    if (claims.length > 0) return claims.map((claim) => reason(signal, claim, 'strong', `secret named ${form}`));
  }
  const small = glued(
    catalog,
    words.map((word) => word.toLowerCase()),
  );
  for (let from = 0; from < small.length - 1; from++) {
    const found = catalog.nameAt(small, from);
    const claims = found?.claims.filter((claim) => catalog.product(claim.id)?.tier === 'ai') ?? [];
    if (!found || claims.length === 0 || !isCredential(small.slice(found.end))) continue;
    const why = `credential of "${found.form}"`;
    return claims.map((claim) => reason(signal, { ...claim, ambiguous: claim.ambiguous || claim.whole }, 'likely', why));
  }
  return reasonsWithinOrOfAi(catalog, signal, { given: '', words: small }, { start: 'likely', elsewhere: 'suspected' });
}

/** The host itself and every parent domain, on label borders: `notopenai.com` is not below `openai.com`. */
function reasonsOfHost(catalog: Catalog, signal: Signal, { host: whole = signal.value, grade = 'strong', why }: OfHost = {}): Reason[] {
  const labels = whole.toLowerCase().replace(/\.$/, '').split('.');
  for (let first = 0; first < labels.length - 1; first++) {
    const host = labels.slice(first).join('.');
    const claims = [...catalog.claims(signal.type, host), ...(signal.type === 'domain' ? [] : catalog.claims('domain', host))];
    if (claims.length > 0) return claims.map((claim) => reason(signal, claim, grade, why ?? `host ${host}`));
  }
  return [];
}

interface OfHost {
  /** Where it is not what the signal says itself. */
  host?: string;
  grade?: Grade;
  why?: string;
}

/** Roles and users are named by whoever makes them: what the vendor's console calls them, or a product's name within. */
function reasonsOfIamName(catalog: Catalog, signal: Signal): Reason[] {
  const { value } = signal;
  const whole = catalog.claims(signal.type, value);
  if (whole.length > 0) return whole.map((claim) => reason(signal, claim, 'likely', `named ${value}`));
  for (let end = value.length; end > 3; end--) {
    const claims = catalog.claims(signal.type, `${value.slice(0, end)}*`);
    if (claims.length > 0) return claims.map((claim) => reason(signal, claim, 'likely', `named ${value.slice(0, end)}…`));
  }
  const words = glued(catalog, wordsOf(value.replaceAll(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, ' ')));
  return reasonsWithinOrOfAi(catalog, signal, { given: value, words }, { start: 'likely', elsewhere: 'likely' });
}

/** Google begins all client ids of a project with its number; where that is the vendor's own project, they all are the vendor's. */
function reasonsOfClient(catalog: Catalog, signal: Signal): Reason[] {
  const whole = claimed(catalog, signal, signal.value);
  const project = /^(\d+)-[a-z0-9]+\.apps\.googleusercontent\.com$/.exec(signal.value)?.[1];
  if (whole.length > 0 || project === undefined) return whole;
  return catalog
    .claims('oauth_project_number', project)
    .map((claim) => reason(signal, claim, 'strong', `client of the project ${project}`));
}

/** Globs of files are looked up by what they could be for this path: `**` for folders above or below, `*` within a name up to a dot. */
function reasonsOfFile(catalog: Catalog, signal: Signal): Reason[] {
  const parts = signal.value.split('/');
  const folder = parts
    .slice(0, -1)
    .map((part) => `${part}/`)
    .join('');
  const name = parts.at(-1)!;
  const globs = [signal.value, `**/${name}`];
  for (let depth = parts.length - 1; depth > 0; depth--) globs.push(`${parts.slice(0, depth).join('/')}/**`);
  for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) globs.push(`${folder}*${name.slice(dot)}`);
  for (const glob of globs) {
    const found = claimed(catalog, signal, glob);
    if (found.length > 0) return found;
  }
  return [];
}

/** OPEN_AI, Eleven-Labs, ChatGPTProxy: words that are one word in the catalog are put together. */
function glued(catalog: Catalog, words: readonly string[]): string[] {
  const together: string[] = [];
  for (let at = 0; at < words.length;) {
    let end = at + 1;
    for (const most of [3, 2]) {
      const one = words.slice(at, at + most).join('');
      if (at + most > words.length || one.length < 5 || !catalog.claims('app_name', one).some(({ ambiguous }) => !ambiguous)) continue;
      end = at + most;
      break;
    }
    together.push(words.slice(at, end).join(''));
    at = end;
  }
  return together;
}

function wordsOf(name: string): string[] {
  return name
    .slice(0, 256)
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
}
