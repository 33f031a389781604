import { z } from 'zod';
import { isSafeAddress } from '../../src/connector/index.ts';
import { secretReference } from '../../src/secret/secret.ts';

const accountId = z.string().regex(/^\d{12}$/);
const externalId = z.union([z.string().regex(/^[\w+=,.@:/-]{2,1224}$/), secretReference]).optional();

/** How one AWS account, or an organisation of many, is reached. Without `accessKey` the SDK looks for credentials where it always does. */
export const config = z.strictObject({
  region: z
    .string()
    .regex(/^[a-z0-9-]+$/)
    .default('us-east-1')
    .describe('Region whose partition and STS endpoint are used; IAM itself is global'),
  regions: z
    .array(z.string().regex(/^[a-z0-9-]+$/))
    .min(1)
    .optional()
    .describe('Regions whose services are read; without it, all that are enabled'),
  quietRegionsEveryDays: z
    .int()
    .min(1)
    .max(30)
    .optional()
    .describe(
      'Regions without a metric of any service in two weeks, in which nothing was found, are read only so often; without it, every night',
    ),
  endpoint: z
    .url({ protocol: /^https?$/ })
    .refine(isSafeAddress, 'https, or http on this machine: anything else would send credentials in clear')
    .optional()
    .describe('Address for every service instead of the public ones: a simulated AWS'),
  profile: z.string().min(1).optional().describe('Profile of the shared configuration files'),
  accessKey: z
    .strictObject({
      id: secretReference.describe('Where the access key id is found'),
      secret: secretReference.describe('Where the secret access key is found'),
      session: secretReference.optional().describe('Where the session token of a temporary key is found'),
    })
    .optional()
    .describe('Access key to start from; prefer a profile or the identity of the machine'),
  assumeRole: z
    .strictObject({
      roleArn: z
        .string()
        .regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/, 'the ARN of a role: arn:aws:iam::123456789012:role/NAME')
        .describe('Role to read with, in the account that is read'),
      externalId: externalId.describe('External id that the trust policy of the role asks for'),
    })
    .optional()
    .describe('Role to assume before anything is read'),
  organization: z
    .strictObject({
      roleName: z
        .string()
        .regex(/^[\w+=,.@/-]{1,512}$/, 'the name of a role, with its path where it has one: NoctuleReadOnly')
        .describe('Role that is assumed in every account of the organisation'),
      externalId: externalId.describe('External id that the trust policies of the roles ask for'),
      accounts: z
        .strictObject({
          include: z.array(accountId).min(1).optional().describe('Only these accounts are read'),
          exclude: z.array(accountId).default([]).describe('These accounts are not read'),
        })
        .optional()
        .describe('Which accounts of the organisation are read; without it, all that are active'),
    })
    .optional()
    .describe('Reads all accounts of the AWS organisation, from its management account or a delegated administrator'),
  ownAccounts: z.array(accountId).default([]).describe('Ids of other accounts of the same owner: trusts in them are internal'),
  organizationId: z
    .string()
    .regex(/^o-[a-z0-9]{10,32}$/)
    .optional()
    .describe('Id of the organisation that the account belongs to: a trust that is held to it is internal'),
});
export type Config = z.infer<typeof config>;
