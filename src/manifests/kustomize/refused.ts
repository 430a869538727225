/** What kustomize would not build, thrown where it is found; who knows the file and the field makes a note of it. */
export class Refused extends Error {
  override name = 'Refused';
}

/** What a kustomization changes is not there. */
export class Missing extends Refused {
  override name = 'Missing';
}

/** What a kustomization names is on the web or in another repository, where kustomize would fetch it. */
export class Elsewhere extends Refused {
  override name = 'Elsewhere';
}
