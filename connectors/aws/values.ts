import { ProviderFault } from '../../src/connector/index.ts';

/**
 * An answer without the values of environment variables, which three operations send along with the names that we want.
 * They are taken out of the bytes before the SDK sees them: neither its objects nor its errors, on which the reply hangs, can hold one.
 * What is no JSON object is no answer, and nothing of it is repeated.
 */
export function withoutValues(body: Uint8Array): Uint8Array {
  const text = new TextDecoder().decode(body);
  const parsed = objectOf(text);
  if (parsed === undefined) throw new ProviderFault('The answer is not the one that AWS documents', { retry: true });
  // Most answers name no variables; they go on as they came.
  if (!/"(?:environment|Environment|environmentVariables)"/.test(text)) return body;
  return new TextEncoder().encode(JSON.stringify(parsed, emptied));
}

function objectOf(text: string): object | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** `Environment.Variables` of functions, `environmentVariables` of agent runtimes, `environment[].value` of containers. */
function emptied(key: string, value: unknown): unknown {
  if (key === 'environment' && Array.isArray(value)) return value.map((variable: unknown) => ({ name: nameOf(variable), value: '' }));
  if ((key === 'environmentVariables' || key === 'Variables') && typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.keys(value).map((name) => [name, '']));
  return value;
}

function nameOf(variable: unknown): string {
  const name = typeof variable === 'object' && variable !== null && 'name' in variable ? variable.name : undefined;
  return typeof name === 'string' ? name : '';
}
