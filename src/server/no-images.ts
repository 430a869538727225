/** In place of the framework's picture server, which reads files from outside the project and which no page needs. */
export const GET = (): Response => new Response('Not found\n', { status: 404 });
