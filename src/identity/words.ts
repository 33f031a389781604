/** What it is that holds access. */
export const CLASSES = ['human', 'machine', 'ai'] as const;
export type IdentityClass = (typeof CLASSES)[number];

/**
 * How sure a class is. `sure`: the provider itself says so. `likely`: it follows from what the provider says. `unclear`: two things speak
 * against each other, or nothing tells; somebody should look. `declared`: an analyst said so, and that stands above all.
 */
export const CONFIDENCES = ['declared', 'sure', 'likely', 'unclear'] as const;
export type Confidence = (typeof CONFIDENCES)[number];
