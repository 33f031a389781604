/** Forms by which secrets are known, whoever issued them: tokens of GitHub, Google and AWS, private keys, headers. */
const KNOWN: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /\bgh[opsur]_\w{16,}/g,
  /\bgithub_pat_\w{16,}/g,
  /\bya29\.[\w.-]+/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{12,}/g,
  /\beyJ[\w-]+\.[\w-]+\.[\w-]*/g,
  /(?<=\b(?:Bearer|Basic|token) )[\w.~+/=-]{8,}/gi,
  /(?<=[?&](?:access_token|token|key|client_secret|X-Amz-Signature|X-Amz-Security-Token)=)[^&\s"']+/gi,
];

/**
 * The last line of defence, for texts that nobody wrote for printing, such as the stack of a bug.
 * Everything else holds secrets in a `Secret`, and has nothing to take out.
 */
export function withoutSecrets(text: string): string {
  return KNOWN.reduce((clean, form) => clean.replace(form, '[redacted]'), text);
}
