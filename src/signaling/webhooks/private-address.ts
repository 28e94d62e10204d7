/** Addresses that are nobody's business from outside: this machine, this network, and what is no single host (RFC 6890). */
import { BlockList, isIP } from 'node:net'

const PRIVATE_V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
]

/** The only part of IPv6 that is in public use, and what of it is none or leads into IPv4 in disguise (6to4, Teredo). */
const PUBLIC_V6 = '2000::/3'
const PRIVATE_V6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']

const privateV4 = blockList(PRIVATE_V4, 'ipv4')
const privateV6 = blockList(PRIVATE_V6, 'ipv6')
const publicV6 = blockList([PUBLIC_V6], 'ipv6')

/** Whether `address` is no public one; true for what is no address at all. */
export function isPrivateAddress(address: string): boolean {
  const version = isIP(address)
  if (version === 4) return privateV4.check(address, 'ipv4')
  return version === 0 || !publicV6.check(address, 'ipv6') || privateV6.check(address, 'ipv6')
}

function blockList(subnets: readonly string[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList()
  for (const subnet of subnets) {
    const [network = '', prefix] = subnet.split('/')
    list.addSubnet(network, Number(prefix), family)
  }
  return list
}
