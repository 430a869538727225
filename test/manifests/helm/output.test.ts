/** Where an object stands that helm rendered: the line of the template, as near as its text tells. */
import { expect, it } from 'vitest';
import { placeIn } from '../../../src/manifests/helm/output.ts';

const template = `{{- range $name := .Values.names }}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ $name }}
spec:
  ports:
    - port: 80
      targetPort: 8080
{{- end }}
---
apiVersion: v1
kind: Service
metadata:
  {{- include "labels" . | nindent 2 }}
  name: second
spec:
  "ports":
    - name: http
      port: 81
---
{{ include "all" . }}
`;

it.each<[string, number, readonly (string | number)[], number, number]>([
  ['the object', 0, [], 3, 1],
  ['a field', 0, ['metadata', 'name'], 6, 3],
  ['a field of an item', 0, ['spec', 'ports', 0, 'targetPort'], 10, 7],
  ['the key that begins an item', 0, ['spec', 'ports', 0, 'port'], 9, 7],
  ['the second object of its kind', 1, ['spec', 'ports', 0, 'port'], 21, 7],
  ['more of a loop than its text has', 5, ['metadata', 'name'], 17, 3],
  ['what a helper makes, the nearest around', 1, ['metadata', 'labels', 'app'], 15, 1],
])('%s', (_what, nth, path, line, column) => {
  expect(placeIn(template, 'Service', nth, path)).toEqual({ line, column });
});

it('is the first line where the template names no such kind', () => {
  expect(placeIn(template, 'Deployment', 0, ['spec'])).toEqual({ line: 1, column: 1 });
});
