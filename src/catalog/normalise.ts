/** Longest name that is looked at, in code points: what a person reads is shorter. */
const LONGEST = 256;

/** Letters of other scripts that are drawn like Latin ones. Unicode TR39 lists thousands; these are the ones that occur in names. */
const LOOK_ALIKE: Readonly<Record<string, string>> = {
  а: 'a',
  в: 'b',
  с: 'c',
  ԁ: 'd',
  е: 'e',
  ɡ: 'g',
  һ: 'h',
  і: 'i',
  ј: 'j',
  к: 'k',
  ӏ: 'l',
  м: 'm',
  н: 'h',
  о: 'o',
  р: 'p',
  ԛ: 'q',
  г: 'r',
  ѕ: 's',
  т: 't',
  ц: 'u',
  ѵ: 'v',
  ԝ: 'w',
  х: 'x',
  у: 'y',
  ᴢ: 'z',
  α: 'a',
  β: 'b',
  ε: 'e',
  η: 'n',
  ι: 'i',
  κ: 'k',
  ν: 'v',
  ο: 'o',
  ρ: 'p',
  τ: 't',
  υ: 'u',
  χ: 'x',
  ɑ: 'a',
  ı: 'i',
  '0': 'o',
  '1': 'l',
  '|': 'l',
};

const INVISIBLE = /[\p{Cf}\p{Mn}\u115F\u1160\u3164\uFFA0]/gu;

/** Words that say what kind of thing an app is, and nothing about whose it is. */
const TAIL = new Set(
  (
    'app apps application extension plugin addon add on connector integration bot inc llc ltd gmbh corp co labs official beta pro plus team teams ' +
    'enterprise desktop mobile web ios android mac windows chrome production prod staging dev test notetaker assistant meeting calendar login ' +
    'sso oauth client api cli v1 v2 v3 v4 for google workspace sheets docs slides gmail drive meet slack github outlook excel'
  ).split(' '),
);

/**
 * Spellings under which a display name may stand in the catalog, the most literal first.
 * `undisguised` are those that only appear once look-alike letters and invisible characters are taken out.
 */
export function nameForms(name: string): { plain: string[]; undisguised: string[] } {
  const cut = [...name].slice(0, LONGEST).join('');
  const plain = forms(cut.normalize('NFKC').toLowerCase());
  const skeleton = skeletonOf(cut);
  const undisguised = forms(skeleton).filter((form) => !plain.includes(form));
  return { plain, undisguised };
}

function skeletonOf(name: string): string {
  const visible = name.normalize('NFKC').normalize('NFD').replace(INVISIBLE, '').toLowerCase();
  return [...visible].map((character) => LOOK_ALIKE[character] ?? character).join('');
}

/** The whole name, then the name without what follows it: a maker, a platform, a version. */
function forms(name: string): string[] {
  const words = name.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');
  const found = [words.join(' ')];
  const before = /^(.*?)\s+by\s+\S/.exec(name)?.[1];
  if (before)
    found.push(
      before
        .split(/[^\p{L}\p{N}]+/u)
        .filter((word) => word !== '')
        .join(' '),
    );
  let end = words.length;
  while (end > 1 && (TAIL.has(words[end - 1]!) || /^\d+$/.test(words[end - 1]!))) found.push(words.slice(0, --end).join(' '));
  return [...new Set(found)].filter((form) => form !== '');
}

/** Words that makers of AI tools put into names; compared as whole words. */
const AI_WORDS = new Set(['ai', 'gpt', 'chatgpt', 'gpt3', 'gpt4', 'gpt5', 'llm', 'llms', 'genai', 'openai', 'chatbot', 'agentic']);
/** A word that gives an AI word its older meaning: a master of laws is no language model. */
const OTHERWISE: Readonly<Record<string, ReadonlySet<string>>> = {
  llm: new Set(['law', 'laws', 'legal', 'degree', 'programme', 'program', 'admissions', 'alumni', 'students']),
  ai: new Set(['weiwei', 'adobe', 'illustrator', 'vector']),
};

/** The word by which a name speaks of AI, if it does. */
export function aiLike(name: string): string | undefined {
  const words = name.split(' ');
  return words.find((word) => AI_WORDS.has(word) && !words.some((other) => OTHERWISE[word]?.has(other)));
}

const DECORATION = new Set(
  (
    'PROD PRODUCTION STAGING STAGE STG DEV DEVELOPMENT TEST TESTING QA CI LOCAL NEXT PUBLIC VITE REACT APP EXPO NUXT GATSBY MY ORG COMPANY TEAM SHARED ' +
    'GLOBAL DEFAULT NEW OLD TMP TEMP BACKUP V1 V2 V3 1 2 3'
  ).split(' '),
);

/** Spellings under which the name of a secret may stand in the catalog: as it is, and without what teams put around it. */
export function secretForms(name: string): string[] {
  const words = name
    .slice(0, LONGEST)
    .toUpperCase()
    .split(/[^A-Z0-9]+/)
    .filter((word) => word !== '');
  const found = [words.join('_')];
  let first = 0;
  while (first < words.length - 1 && DECORATION.has(words[first]!)) first++;
  let end = words.length;
  while (end > first + 1 && DECORATION.has(words[end - 1]!)) end--;
  found.push(words.slice(first, end).join('_'));
  // A team's own word may stand first: ACME_OPENAI_API_KEY.
  for (let start = first + 1; start <= end - 2 && start <= first + 2; start++) found.push(words.slice(start, end).join('_'));
  return [...new Set(found)];
}
