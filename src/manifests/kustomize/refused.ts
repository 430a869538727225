/** What kustomize would not build, thrown where it is found; who knows the file and the field makes a note of it. */
export class Refused extends Error {
  override name = 'Refused';
}

/** What a kustomization changes is not there. */
export class Missing extends Refused {
  override name = 'Missing';
}
