import { parsePolicyText } from '../config/policy-file.ts';
import { ConfigError } from '../connector/index.ts';
import { endingOf, type Basis, type Ending } from '../policy/ending.ts';
import { EMPTY_POLICY, type Policy } from '../policy/policy.ts';
import type { Reader } from '../store/read.ts';

/** What ended findings, up to a scan: told of each by its key and the scan that saw the end. */
export function endingsUntil(reader: Reader, tenant: string, scanId: number): (of: { key: string; scan: number }) => Ending {
  const bases = reader.bases(tenant, scanId);
  const policies = new Map<string, Policy | undefined>();
  const policyBy = (hash: string, scan: number) => {
    if (!policies.has(hash)) policies.set(hash, kept(reader.policyOf(scan)));
    return policies.get(hash);
  };
  const basisAt = (index: number): Basis | undefined => {
    const basis = bases[index];
    return basis && { ...basis, policy: basis.policyHash === null ? EMPTY_POLICY : policyBy(basis.policyHash, basis.scan) };
  };
  const indexOf = new Map(bases.map(({ scan }, index) => [scan, index]));
  const endings = new Map(
    reader.ended(tenant, scanId).map((ended) => {
      const index = indexOf.get(ended.scan) ?? -1;
      return [`${ended.scan} ${ended.key}`, endingOf(ended, basisAt(index), basisAt(index - 1))];
    }),
  );
  return ({ key, scan }) => endings.get(`${scan} ${key}`) ?? 'unknown';
}

/** A policy that the program of today cannot read tells nothing. */
function kept(text: string | undefined): Policy | undefined {
  if (text === undefined) return undefined;
  try {
    return parsePolicyText(text, 'the policy of an earlier scan');
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}
