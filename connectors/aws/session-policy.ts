import { operations } from './operations.ts';

/**
 * What a session may do at most, whatever its role allows: to read what we read. AWS takes what both allow.
 * Actions are named whole, for reading the value of a secret begins with `Get` as well.
 * At most 2,048 characters: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 */
export const READS_ONLY = policyOf(operations.filter((operation) => operation.class === 'read'));

/** The same for a role from which those of other accounts are assumed. */
export const READS_AND_STEPS_ON = policyOf(operations);

function policyOf(allowed: readonly { permission: string }[]): string {
  const Action = [...new Set(allowed.map(({ permission }) => permission))].sort();
  return JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] });
}
