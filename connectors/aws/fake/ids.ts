import { createHash } from 'node:crypto';

/** What IAM's unique ids begin with: user, role, group, managed policy, instance profile, service-specific credential. */
type IdPrefix = 'AIDA' | 'AROA' | 'AGPA' | 'ANPA' | 'AIPA' | 'ACCA' | 'AKIA' | 'ASIA';

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The prefix and 17 further characters; access keys have 16. */
export function uniqueId(prefix: IdPrefix, ...labels: readonly (string | number)[]): string {
  const bytes = createHash('sha256')
    .update([prefix, ...labels].join('\u0000'))
    .digest();
  const length = prefix === 'AKIA' || prefix === 'ASIA' ? 16 : 17;
  return prefix + Array.from(bytes.subarray(0, length), (byte) => BASE32[byte & 31]).join('');
}

export function hexadecimal(length: number, ...labels: readonly (string | number)[]): string {
  return createHash('sha256').update(labels.join('\u0000')).digest('hex').slice(0, length);
}

/** The name of a policy that AWS maintains, as it is attached. */
export function awsManaged(name: string): string {
  return `arn:aws:iam::aws:policy/${name}`;
}
