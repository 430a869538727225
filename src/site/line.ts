/**
 * The line map: the stations that a request passes, in order, and the branches where other planes join it. The landing page draws it;
 * coordinates are for its wide form, on a sheet of 1140 by 400, where lines run level, upright or at 45 degrees as on any transit map.
 */
import { hasComponent, type ComponentId } from '../../runbooks/components.ts';
import { has } from '../../runbooks/parts.ts';

export interface Station {
  id: ComponentId;
  x: number;
  y: number;
  /** Which side of the station its name stands on. */
  name: 'above' | 'below';
}

export interface Branch {
  id: 'dns' | 'control' | 'tls';
  title: string;
  /** Stations of the request line where one changes to this branch. */
  interchanges: readonly ComponentId[];
  stations: readonly Station[];
  path: string;
  /** Where the branch's own name stands. */
  label: { x: number; y: number };
}

/** Whom a client asks for the name: the resolver on the tailnet or, in a stack without one, public DNS. */
export const asksForNames: ComponentId = has('tailnetResolver') ? 'tailnet-resolver' : 'cloudflare-dns';

export const requestLine: readonly Station[] = [
  { id: 'client', x: 60, y: 150, name: 'below' },
  { id: asksForNames, x: 205, y: 150, name: 'below' },
  { id: 'tailscale-proxy', x: 365, y: 150, name: 'above' },
  { id: 'managed-service', x: 520, y: 220, name: 'above' },
  { id: 'envoy', x: 680, y: 220, name: 'above' },
  { id: 'httproute', x: 815, y: 220, name: 'below' },
  { id: 'app-service', x: 945, y: 220, name: 'below' },
  { id: 'app-pod', x: 1080, y: 220, name: 'below' },
];

export const requestPath = 'M60 150H410L480 220H1080';

const allBranches: readonly Branch[] = [
  {
    id: 'dns',
    title: 'DNS',
    interchanges: [asksForNames, 'httproute'],
    path: 'M205 150V92L237 60H783L815 92V220',
    stations: [
      { id: 'cloudflare-dns', x: 420, y: 60, name: 'above' },
      { id: 'external-dns', x: 620, y: 60, name: 'above' },
    ],
    label: { x: 252, y: 48 },
  },
  {
    id: 'control',
    title: 'Control plane',
    interchanges: ['tailscale-proxy', 'envoy'],
    path: 'M365 150V298L397 330H648L680 298V220',
    stations: [
      { id: 'tailscale-operator', x: 425, y: 330, name: 'below' },
      { id: 'gateway', x: 525, y: 330, name: 'below' },
      { id: 'envoy-gateway', x: 622, y: 330, name: 'below' },
    ],
    label: { x: 380, y: 266 },
  },
  {
    id: 'tls',
    title: 'TLS',
    interchanges: ['envoy'],
    path: 'M680 220L790 330H1080',
    stations: [
      { id: 'certificate', x: 815, y: 330, name: 'below' },
      { id: 'cert-manager', x: 945, y: 330, name: 'below' },
      { id: 'lets-encrypt', x: 1080, y: 330, name: 'below' },
    ],
    label: { x: 1100, y: 318 },
  },
];

/** The branches that have a station in this stack, each with those that it has. */
export const branches: readonly Branch[] = allBranches
  .map((branch) => ({
    ...branch,
    stations: branch.stations.filter(({ id }) => hasComponent(id) && id !== asksForNames),
  }))
  .filter(({ stations }) => stations.length > 0);

/** Where on the request line a component is met: its own station, or the first at which its branch joins. Some are met nowhere. */
export const stationOf = (id: ComponentId): ComponentId | undefined =>
  requestLine.find((station) => station.id === id)?.id ??
  branches.find(({ stations }) => stations.some((station) => station.id === id))?.interchanges[0];

/** Where the handbook describes a component. */
export const componentHref = (id: ComponentId): string => `/reference/components/#${id}`;
