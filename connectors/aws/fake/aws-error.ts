/** An answer that is a refusal, under the code that the service documents. */
export class AwsError extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export function validationError(message: string): AwsError {
  return new AwsError(400, 'ValidationError', message);
}
