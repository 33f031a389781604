/** Longest name that is looked at. */
const LONGEST = 256;

/** What teams put around the name of a secret. */
const DECORATION = new Set(
  (
    'PROD PRODUCTION PREPROD STAGING STAGE STG DEV DEVELOPMENT TEST TESTING QA UAT SANDBOX LIVE CI LOCAL NEXT PUBLIC VITE REACT APP EXPO NUXT GATSBY TF ' +
    'VAR MY ORG COMPANY TEAM SHARED GLOBAL DEFAULT NEW OLD TMP TEMP BACKUP V1 V2 V3 1 2 3'
  ).split(' '),
);

/** What the name of a secret says after the name of whose it is. */
const CREDENTIAL = new Set(
  (
    'ACCESS ACCOUNT ADMIN API APIKEY AUTH BASE BEARER CLIENT CREDENTIAL CREDENTIALS CREDS ENDPOINT HOST ID KEY KEYS OAUTH ORG ORGANIZATION PASSWORD PAT PERSONAL ' +
    'PRIVATE PROJECT PUBLIC REGION SECRET SERVICE SIGNING TOKEN TOKENS URI URL USER WEBHOOK'
  ).split(' '),
);

export interface ReadSecretName {
  /** In capitals, without decorations. */
  words: readonly string[];
  /** Spellings under which it may stand in the catalog, the most literal first. */
  forms: readonly string[];
}

export function readSecretName(name: string): ReadSecretName {
  const all = name
    .slice(0, LONGEST)
    .toUpperCase()
    .split(/[^A-Z0-9]+/)
    .filter((word) => word !== '');
  let first = 0;
  while (first < all.length - 1 && DECORATION.has(all[first]!)) first++;
  let end = all.length;
  while (end > first + 1 && DECORATION.has(all[end - 1]!)) end--;
  const words = all.slice(first, end);
  const forms = [all.join('_'), words.join('_')];
  // Words of a team's own may stand first: ACME_PAYROLL_OPENAI_API_KEY. One word alone says too little.
  for (let start = 1; start <= words.length - 2; start++) forms.push(words.slice(start).join('_'));
  return { words, forms: [...new Set(forms)] };
}

/** Whether the words name nothing but a kind of credential. */
export function isCredential(words: readonly string[]): boolean {
  return words.length > 0 && words.every((word) => CREDENTIAL.has(word.toUpperCase()));
}
