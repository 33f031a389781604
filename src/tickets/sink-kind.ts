import type { z } from 'zod';
import type { Secret, SecretReference } from '../secret/secret.ts';
import type { Sink } from './sink.ts';

/** A kind of tracker, as a value: what it needs to be told, and how it is opened. */
export interface SinkKind<C> {
  /** As in the configuration: `github`, `jira`, `redmine` … */
  kind: string;
  /** For people: `GitHub Issues`. */
  title: string;
  /** What is configured beside the kind. Secrets stand in it as references alone. */
  config: z.ZodType<C>;
  /** Sends nothing yet. */
  open(config: C, secrets: (reference: SecretReference) => Secret, options: SinkOptions): Sink;
}

export interface SinkOptions {
  now(): Date;
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
  /** Told of every request just before it is sent. The address holds no credential. */
  sent?(request: { method: string; url: string }): void;
  /** The folder of the configuration, to which paths in it are relative; for kinds that run something. */
  folder?: string;
  /** That of this process; for kinds that run something. */
  environment?: Readonly<Record<string, string | undefined>>;
}
