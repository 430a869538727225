/** Agents that keep connections, and what it takes to drop them all at once, those included that are still being made. */
import http from 'node:http';
import https from 'node:https';
import { PassThrough, type Duplex } from 'node:stream';
import type tls from 'node:tls';

/** More sockets mean more handshakes, for which a small API server pays. */
const maxSockets = 16;

/** The place of an agent that somebody else made. */
const taken = 'taken';

export class Connections {
  /** By the TLS material that they hold, so that a new token does not cost new connections. */
  readonly #agents = new Map<string, http.Agent>();
  readonly #sockets = new Set<Duplex>();
  readonly #dropped = new WeakSet<http.Agent>();

  /** Node's own agent, which knows HTTP proxies: the one that there is, or a new one after a drop. */
  agents(server: URL, proxy: URL | undefined, material: tls.ConnectionOptions): () => http.Agent {
    const held = JSON.stringify([material.cert, material.key, material.ca]);
    return () => this.#agents.get(held) ?? this.#make(held, server, proxy, material);
  }

  #make(held: string, server: URL, proxy: URL | undefined, material: tls.ConnectionOptions): http.Agent {
    const options: http.AgentOptions = {
      keepAlive: true,
      maxSockets,
      // Node's default of 250 ms gives up on the first of two addresses too soon for a link with a high delay.
      autoSelectFamilyAttemptTimeout: 1000,
      ...(proxy && { proxyEnv: { HTTPS_PROXY: proxy.href, HTTP_PROXY: proxy.href } }),
    };
    const agent = server.protocol === 'https:' ? new https.Agent({ ...options, ...material }) : new http.Agent(options);
    this.#agents.set(held, agent);
    this.#follow(agent);
    return agent;
  }

  /** Takes over an agent that somebody else made. */
  take(agent: http.Agent): http.Agent {
    this.#agents.set(taken, agent);
    return agent;
  }

  /** For when nobody waits for an answer any longer; who asks again takes another agent. */
  drop(): void {
    for (const [held, agent] of this.#agents) {
      this.#dropped.add(agent);
      agent.destroy();
      if (held !== taken) this.#agents.delete(held);
    }
    for (const socket of this.#sockets) socket.destroy();
  }

  #follow(agent: http.Agent): void {
    const connect = agent.createConnection.bind(agent);
    agent.createConnection = (options, callback) => {
      // For a request that waited behind others it makes a new connection as soon as one of theirs is gone.
      if (this.#dropped.has(agent)) {
        callback?.(new Error('the connections were dropped'), new PassThrough());
        return null;
      }
      const socket = connect(options, callback);
      // The agent itself does not know of the connections to a proxy through which there is no tunnel yet.
      if (socket) {
        this.#sockets.add(socket);
        socket.once('close', () => this.#sockets.delete(socket));
      }
      return socket;
    };
  }
}
