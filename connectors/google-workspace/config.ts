import { z } from 'zod';
import { isLoopbackAddress } from '../../src/connector/index.ts';
import { secretReference } from '../../src/secret/secret.ts';

/** How one Google Workspace customer is reached. */
export const config = z.strictObject({
  subject: z.email().describe('Address of the administrator in whose name the service account reads (domain-wide delegation)'),
  serviceAccount: secretReference.describe('Where the JSON key of the service account is found'),
  cloud: z
    .strictObject({
      serviceAccount: secretReference.describe(
        'Where the JSON key of a second service account is found: it reads Google Cloud by its IAM roles and has no domain-wide delegation',
      ),
    })
    .optional()
    .describe('The Google Cloud organisation of the same customer; absent = not read'),
  mode: z
    .enum(['delta', 'full', 'log-only'])
    .default('delta')
    .describe(
      'How grants are read. delta: everybody at first and once a week, on the nights between whom the audit log names. full: everybody, every night. log-only: never by listing them, for who does not hand out admin.directory.user.security',
    ),
  groups: z
    .array(z.string().min(1).max(254))
    .min(1)
    .optional()
    .describe('Addresses or ids of the groups for which approvals may hold; the collector "groups" reads who is in them'),
  imports: z
    .array(
      z.strictObject({
        kind: z
          .enum(['gam-tokens', 'console-apps', 'delegations'])
          .describe(
            'gam-tokens: `gam all users_ns_susp print tokens`. console-apps: the list of accessed or configured apps of the admin console. delegations: a list of domain-wide delegations that you keep, with the columns client_id and scopes',
          ),
        file: secretReference.describe('Where the file is found; it names people, so only its owner may read it'),
        takenAt: z.iso.datetime({ offset: true }).describe('When it was exported: 2026-11-02T09:00:00Z'),
      }),
    )
    .optional()
    .describe('Exported files; the collector "imports" reads them, and "delegation" holds the list of delegations against the log'),
  endpoint: z
    .url()
    .refine(isLoopbackAddress, 'only a loopback address: any other would receive the tokens')
    .optional()
    .describe('Sends API and token calls to a simulated server on this machine; for tests and the demo'),
});
export type Config = z.infer<typeof config>;
