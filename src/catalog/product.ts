import { z } from 'zod';

/**
 * What a product is mostly used for. Closed: a new category is a decision, because policies and reports group by it.
 * `cloud-ai-services` are the AI services of a cloud; `ai-security` guards AI and is itself an AI vendor; `other` is the long tail.
 */
export const CATEGORIES = [
  'agent-platforms',
  'ai-security',
  'assistants',
  'automation',
  'browser-extensions',
  'cloud-ai-services',
  'coding-agents',
  'customer-service',
  'data-analysis',
  'data-and-vector-stores',
  'image-video-voice',
  'mcp-servers',
  'meeting-notetakers',
  'model-apis',
  'observability',
  'other',
  'presentations',
  'sales-and-marketing',
  'search',
  'writing',
] as const;

/** `ai`: AI is what the product is primarily for, or it is a cloud's AI service. `ai_feature`: a general product with AI features. */
export const TIERS = ['ai', 'ai_feature'] as const;

/** What such a product typically gets to see. A hint for the reader of a finding, never evidence of what was shared. */
export const TYPICAL_DATA = [
  'calendar',
  'conversations',
  'customer-data',
  'documents',
  'media',
  'meeting-recordings',
  'source-code',
  'telemetry',
] as const;

const url = z.url({ protocol: /^https$/ }).describe('An https address that a reader can open and find the claim at');
const host = z.string().regex(/^(?:[a-z0-9-]+\.)+[a-z0-9-]+$/, 'a host name in lower case, without scheme, port or path');
const vendorId = z.string().regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'lower case words joined by hyphens');
const productId = z.string().regex(/^[a-z0-9]+(?:-[a-z0-9]+)*\/[a-z0-9]+(?:-[a-z0-9]+)*$/, 'vendor/product');
const line = z.string().trim().min(1);

/** One claim: this value belongs to this product, and here is where that can be read. */
function claim<T extends z.ZodType<string>>(value: T) {
  return z.strictObject({
    value,
    source: url,
    ambiguous: z
      .literal(true)
      .optional()
      .describe('The value is also used outside this product: it may raise a suspicion, it never decides alone'),
    whole: z
      .literal(true)
      .optional()
      .describe(
        'An ordinary word or a first name: it means the product where it is the whole name, and something else within a longer one',
      ),
    note: line.optional().describe('What a reader has to know before relying on the claim'),
  });
}

function claims<T extends z.ZodType<string>>(value: T, meaning: string) {
  return z.array(claim(value)).min(1).optional().describe(meaning);
}

/**
 * The identifiers of a product, by type of signal. Absent means that no public source was found, not that there is none.
 * All but `domain`, `iam_name` and `config_file` are compared whole.
 */
export const signals = z.strictObject({
  action: claims(
    z.string().regex(/^[\w.-]+\/[\w.-]+$/),
    'GitHub Action or reusable workflow, owner/repo, compared without case and with any ref or path',
  ),
  app_name: claims(line, 'Display name, compared without case; a name alone is the weakest signal'),
  aws_account_id: claims(z.string().regex(/^\d{12}$/), 'AWS account from which the vendor acts in the accounts of customers'),
  bot_login: claims(line, 'Login on GitHub, with [bot] where it is an app'),
  bot_user_id: claims(z.string().regex(/^\d+$/), 'User id of that login, which survives a rename'),
  commit_email: claims(z.email({ pattern: /^[^\s@]+@[^\s@]+$/ }), 'Author, committer or co-author of commits that the product makes'),
  commit_trailer: claims(line, 'Text that the product leaves in commit messages'),
  config_file: claims(line, 'Glob of files that the product keeps in a repository; a file says prepared for, not granted to'),
  credential_service: claims(host, 'ServiceName of IAM service-specific credentials'),
  domain: claims(host, 'Host name, matched with its subdomains; also for webhook targets and home pages of apps'),
  event_source: claims(host, 'eventSource of CloudTrail events'),
  extension_id: claims(z.string().regex(/^[a-p]{32}$/), 'Id in the Chrome Web Store'),
  github_app: claims(z.string().regex(/^[a-z0-9-]+$/), 'Slug of a GitHub App; may be renamed, the id may not'),
  github_app_id: claims(z.string().regex(/^\d+$/), 'Id of a GitHub App'),
  github_owner: claims(
    z.string().regex(/^[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*$/),
    "Organisation on GitHub that is the vendor's as a whole: actions, Go modules and Maven groups in it are the product's",
  ),
  github_product: claims(z.string().regex(/^[a-z-]+$/), "Product of GitHub's own that an organisation pays seats for"),
  google_api: claims(host, 'Google Cloud service that a project enables or an API key is limited to'),
  iam_name: claims(line, 'Name of an IAM role or user, a prefix where it ends with *'),
  iam_prefix: claims(z.string().regex(/^[a-z0-9-]+$/), 'Prefix of IAM actions, the part before the colon'),
  managed_policy: claims(z.string().regex(/^[\w-]+$/), 'Name of an AWS managed policy'),
  mcp_server: claims(host, 'Host of a remote MCP server, compared within MCP configurations only'),
  oauth_client_id: claims(line, 'OAuth client id, of Google or GitHub'),
  oauth_project_number: claims(z.string().regex(/^\d{6,}$/), 'Google project number that all OAuth clients of the product begin with'),
  oidc_issuer: claims(host, 'Issuer that roles trust by web identity'),
  package: claims(
    z.string().regex(/^(?:cargo|composer|gem|go|maven|npm|nuget|pypi):\S+$/),
    'Package of a registry, as package URLs name it; a whole scope of npm, vendor of Composer or group of Maven where it ends with /*',
  ),
  secret_name: claims(z.string().regex(/^[A-Z0-9_]+$/), 'Name of a secret, parameter or environment variable'),
  secret_type: claims(z.string().regex(/^[a-z0-9_]+$/), 'secret_type of a GitHub secret scanning alert'),
  service_principal: claims(host, 'Service principal in trust and resource policies'),
});

export const product = z.strictObject({
  id: productId,
  name: line,
  formerNames: z.array(line).min(1).optional().describe('Names that the product was sold under before'),
  formerIds: z.array(productId).min(1).optional().describe('Ids of this catalog that now mean this product: approvals keep matching'),
  category: z.enum(CATEGORIES),
  tier: z.enum(TIERS),
  home: url.optional(),
  typicalData: z.array(z.enum(TYPICAL_DATA)).min(1).optional(),
  risks: z
    .array(z.strictObject({ note: line, source: url }))
    .min(1)
    .optional()
    .describe('Publicly reported facts only; absent says nothing about safety'),
  alternatives: z
    .array(productId)
    .min(1)
    .optional()
    .describe('Products of this catalog that do the same, to propose where one of them is approved; which one is, the policy says'),
  signals,
});

/** One file of `products/`: a vendor and all its products, named `<vendor id>.json`. */
export const vendorFile = z.strictObject({
  $schema: z.literal('../product.schema.json'),
  vendor: z.strictObject({
    id: vendorId,
    name: line,
    home: url.optional(),
    formerNames: z.array(line).min(1).optional(),
  }),
  products: z.array(product).min(1),
});

/** `negative.json`: what looks like AI to a careless matcher and is not. An entry wins over a product on the same value. */
export const negativeCatalog = z.strictObject({
  $schema: z.literal('./negative.schema.json'),
  entries: z.array(
    z.strictObject({
      id: vendorId,
      name: line,
      why: line.describe('Which product it is taken for, and what it is'),
      source: url,
      signals: z.partialRecord(signals.keyof(), z.array(line).min(1)),
    }),
  ),
});

export type Signals = z.infer<typeof signals>;
export type SignalType = keyof Signals;
export type Product = z.infer<typeof product>;
export type VendorFile = z.infer<typeof vendorFile>;
export type NegativeCatalog = z.infer<typeof negativeCatalog>;
