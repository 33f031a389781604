import { type App, APPS, HOSTILE, scopes } from './apps.ts';

/** Something that a person did. The audit log tells it, and the live grants follow from it, so the two cannot disagree. */
export interface Deed {
  kind: 'authorize' | 'revoke';
  app: App;
  /** All scopes that the grant has afterwards, or had before it was revoked. */
  scopes: readonly string[];
  /** The log forgot it: what nobody but a reader of everything finds out. */
  untold?: boolean;
  /** The day on which it happened, counted back from night 0: day 1 ends with night 0, day 0 with night 1, day -1 with night 2. */
  day: number;
}

/** The fewest people of a company in which the stories are told. */
export const STORY_COMPANY = 12;

/** What the first twelve people did, by their number. Everybody else's doings are drawn by lot. */
export const STORIES: readonly (readonly Deed[])[] = [
  [authorize(390, APPS.chrome), authorize(350, APPS.zoom), authorize(100, APPS.intranet)],
  [authorize(320, APPS.slack), authorize(300, APPS.chatgpt), authorize(90, APPS.claude)],
  [
    authorize(210, APPS.lucidchart),
    authorize(70, APPS.calendly),
    authorize(40, APPS.contextAi),
    revoke(12, APPS.calendly),
    authorize(0, APPS.skillman),
    authorize(-1, APPS.skillman),
  ],
  // The write access to all files comes on the night after the first.
  [authorize(150, APPS.grammarly), authorize(33, APPS.geminiCli), authorize(0, APPS.grammarly, scopes('drive'))],
  // Four and five left long ago, six and seven leave after night 0, eight was deleted before it.
  [authorize(260, APPS.otter), authorize(255, APPS.slack)],
  [authorize(175, APPS.otter)],
  [authorize(60, APPS.claude)],
  [authorize(110, APPS.chatgpt, scopes('drive.readonly'))],
  [authorize(50, APPS.perplexity)],
  [
    ...[HOSTILE.cyrillic, HOSTILE.zeroWidth, HOSTILE.reversed].map((app) => authorize(80, app)),
    authorize(95, APPS.perplexity),
    authorize(20, APPS.lookAlike),
    revoke(0, APPS.perplexity),
    authorize(-1, APPS.perplexity),
  ],
  [...[HOSTILE.html, HOSTILE.formula, HOSTILE.markdown].map((app) => authorize(81, app)), authorize(0, APPS.readAi)],
  [
    ...[HOSTILE.terminal, HOSTILE.long].map((app) => authorize(82, app)),
    authorize(330, APPS.skillman),
    authorize(240, APPS.observatory),
    authorize(130, APPS.fireflies),
    authorize(15, APPS.meetingNotes),
  ],
];

function authorize(day: number, app: App, asked: readonly string[] = app.asks[0]): Deed {
  return { kind: 'authorize', app, scopes: asked, day };
}

function revoke(day: number, app: App): Deed {
  return { kind: 'revoke', app, scopes: app.asks[0], day };
}
