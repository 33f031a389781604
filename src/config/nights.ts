import { z } from 'zod';
import { SEVERITIES } from '../policy/judged.ts';
import { isTimeZone, nightTimes } from '../schedule/times.ts';
import { secretReference } from '../secret/secret.ts';

/** What a log vouched for is held against readings of the last days, and rules look back on the last three months. */
export const LEAST_KEEP_DAYS = 31;

/** When `noctule schedule` scans by itself, and what it leaves behind. */
export const schedule = z.strictObject({
  cron: z
    .string()
    .max(200)
    .superRefine((cron, issue) => {
      const wrong = faultOf(cron);
      if (wrong !== undefined) issue.addIssue(wrong);
    })
    .describe('Five fields: minute, hour, day of the month, month, day of the week'),
  timeZone: z
    .string()
    .max(100)
    .refine(isTimeZone, 'no time zone by its IANA name, such as Europe/Berlin')
    .default('UTC')
    .describe('By whose wall clock, as an IANA name. A time that is left out or comes twice when clocks are changed has one night'),
  jitterMinutes: z
    .number()
    .min(0)
    .max(360)
    .default(0)
    .describe('A night begins by chance up to that many minutes later, so that not everybody asks at once'),
  catchUp: z.boolean().default(true).describe('After a restart, one night that was missed is made up for at once'),
  mostHours: z
    .number()
    .min(0.1)
    .max(168)
    .default(23)
    .describe('A night that takes longer is ended, and that is told. Only a scan within six hours of its beginning goes on from there'),
  tickets: z
    .boolean()
    .default(false)
    .describe('After each scan that was concluded, the trackers of "tickets" are written to, as by `noctule tickets sync`'),
  health: z
    .string()
    .min(1)
    .default('noctule-health.json')
    .describe('Path of the file that says how the last night fared and when the next is, relative to this file'),
  summary: z.string().min(1).default('noctule-summary.json').describe('Path of the summary of the last night, relative to this file'),
  failOn: z
    .array(z.enum([...SEVERITIES, 'coverage-gap']))
    .default([])
    .describe('What gives a night an exit code of its own, as `scan --fail-on`'),
});

/** How long history is kept. */
export const retention = z.strictObject({
  keepDays: z
    .int()
    .min(LEAST_KEEP_DAYS)
    .max(36_500)
    .describe('After each night, what is older is pruned as by `noctule db prune --keep-days`. What is there now stays whatever its age'),
});

const when = z
  .enum(['always', 'news'])
  .default('always')
  .describe('"news": only of nights that brought some: findings, something that could not be read, or a failure');
const allowPrivate = z
  .boolean()
  .default(false)
  .describe('Allows an address within a private network. Addresses of the link and of metadata services are never allowed');

const slack = z.strictObject({
  kind: z.literal('slack'),
  url: secretReference.describe('Where the address of the incoming webhook is found: whoever knows it may write'),
  when,
  allowPrivate,
});

const webhook = z.strictObject({
  kind: z.literal('webhook'),
  url: z
    .string()
    .max(2_000)
    .refine(isPlainAddress, 'an address that begins with https:// and holds no password')
    .describe('Where the signed notice is sent; https, or http on this machine'),
  secret: secretReference.describe('Where the signing secret is found: whsec_ and 24 to 64 bytes in Base64, as Standard Webhooks has it'),
  when,
  allowPrivate,
});

const mailAddress = z
  .string()
  .max(254)
  .regex(/^[^\s@<>(),;:"[\]\\\p{Cc}]+@[^\s@<>(),;:"[\]\\\p{Cc}]+$/u, 'an address, as security@example.com');

const email = z
  .strictObject({
    kind: z.literal('email'),
    server: z
      .string()
      .regex(/^[A-Za-z0-9.:-]{1,253}$/, 'the name of a mail server')
      .describe('Name of the SMTP server'),
    port: z.int().min(1).max(65_535).optional().describe('465 for "tls", 587 for "starttls", where nothing is said'),
    security: z
      .enum(['tls', 'starttls', 'none'])
      .default('starttls')
      .describe('"none" on this machine alone: what is told, and the password, would be readable on the way'),
    user: z.string().min(1).max(254).optional(),
    password: secretReference.optional(),
    from: mailAddress,
    to: z.array(mailAddress).min(1).max(50),
    when,
  })
  .refine(({ server, security }) => security !== 'none' || isThisMachine(server), {
    path: ['security'],
    message: '"none" is for a server on this machine alone',
  })
  .refine(({ user, password }) => (user === undefined) === (password === undefined), {
    path: ['password'],
    message: 'a user and a password are given together',
  });

/** Whom nights are told to, each under a name of one's choice. */
export const notify = z.record(
  z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'lower case letters, digits and hyphens'),
  z.discriminatedUnion('kind', [slack, email, webhook]),
);

export type ScheduleConfig = z.infer<typeof schedule>;
export type RetentionConfig = z.infer<typeof retention>;
export type NotifierConfig = z.infer<typeof notify>[string];

function faultOf(cron: string): string | undefined {
  try {
    const { next } = nightTimes({ cron, timeZone: 'UTC' });
    return next(new Date()) ? undefined : 'an expression that names no time to come';
  } catch {
    return 'no cron expression of five fields, such as "30 2 * * *"';
  }
}

function isPlainAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  return username === '' && password === '' && (protocol === 'https:' || (protocol === 'http:' && isThisMachine(hostname)));
}

function isThisMachine(host: string): boolean {
  return ['localhost', '127.0.0.1', '::1', '[::1]'].includes(host);
}
