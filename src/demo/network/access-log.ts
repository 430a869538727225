/** The lines of Envoy’s access log. */

export interface AccessLogEntry {
  ':authority': string | null;
  bytes_received: number;
  bytes_sent: number;
  connection_termination_details: string | null;
  downstream_local_address: string | null;
  downstream_remote_address: string | null;
  duration: number;
  method: string | null;
  protocol: string | null;
  requested_server_name: string | null;
  response_code: number;
  response_code_details: string | null;
  response_flags: string;
  route_name: string | null;
  start_time: string | null;
  upstream_cluster: string | null;
  upstream_host: string | null;
  upstream_local_address: string | null;
  upstream_transport_failure_reason: string | null;
  'user-agent': string | null;
  'x-envoy-origin-path': string | null;
  'x-envoy-upstream-service-time': string | null;
  'x-forwarded-for': string | null;
  'x-request-id': string | null;
}

/** The fields of Envoy Gateway's default access log, in the order in which it writes them. */
export const accessLogEntry = (entry: Partial<AccessLogEntry>): AccessLogEntry => ({
  ':authority': null,
  bytes_received: 0,
  bytes_sent: 0,
  connection_termination_details: null,
  downstream_local_address: null,
  downstream_remote_address: null,
  duration: 0,
  method: null,
  protocol: null,
  requested_server_name: null,
  response_code: 0,
  response_code_details: null,
  response_flags: '-',
  route_name: null,
  start_time: null,
  upstream_cluster: null,
  upstream_host: null,
  upstream_local_address: null,
  upstream_transport_failure_reason: null,
  'user-agent': null,
  'x-envoy-origin-path': null,
  'x-envoy-upstream-service-time': null,
  'x-forwarded-for': null,
  'x-request-id': null,
  ...entry,
});
