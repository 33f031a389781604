/** JSON that is also safe to show on a terminal: the same value, with whatever a terminal would act on written as an escape. */
export function jsonText(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(/[\u007F-\u009F\p{Cf}\u2028\u2029\u115F\u1160\u3164\uFFA0]/gu, (characters) =>
    [...Array(characters.length).keys()].map((index) => `\\u${characters.charCodeAt(index).toString(16).padStart(4, '0')}`).join(''),
  );
}
