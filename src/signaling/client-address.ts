/** Where a Fetch request came from. The request itself does not say, so the bridge that made it does. */

const addresses = new WeakMap<Request, string>()

/** Notes the client's address. A copy of the request does not have it. */
export function setClientAddress(request: Request, address: string): void {
  addresses.set(request, address)
}

/** The address that was noted, or undefined. */
export function clientAddress(request: Request): string | undefined {
  return addresses.get(request)
}
