/** A text as it is compared where case does not matter: one way in questions to the database and in the program, for every alphabet. */
export function fold(text: string): string {
  return text.toLowerCase();
}
