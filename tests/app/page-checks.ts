import type { Page } from 'playwright-core'

interface AccessibleNode {
  readonly ignored: boolean
  readonly role?: { readonly value: string }
  readonly name?: { readonly value: string }
  readonly properties?: readonly { readonly name: string; readonly value: { readonly value?: unknown } }[]
}

/** Roles of what can take the focus and has no accessible name, as the browser itself computes them. */
export async function namelessControls(page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page)
  const { nodes } = (await session.send('Accessibility.getFullAXTree')) as unknown as { nodes: AccessibleNode[] }
  await session.detach()
  return nodes
    .filter((node) => !node.ignored && node.role?.value !== 'RootWebArea')
    .filter((node) => node.properties?.some(({ name, value }) => name === 'focusable' && value.value === true))
    .filter((node) => !node.name?.value.trim() && !['generic', 'main', 'heading'].includes(node.role?.value ?? ''))
    .map((node) => node.role?.value ?? 'unknown')
}

export interface Contrast {
  readonly text: string
  readonly ratio: number
  readonly needed: number
}

/** Text on the page whose contrast with what is behind it is too low (WCAG 2.2, 1.4.3). */
export async function lowContrast(page: Page): Promise<Contrast[]> {
  return page.evaluate(() => {
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
    if (!canvas) throw new Error('This browser has no canvas to read colours with.')
    const channels = (colour: string): [number, number, number, number] => {
      canvas.clearRect(0, 0, 1, 1)
      canvas.fillStyle = colour
      canvas.fillRect(0, 0, 1, 1)
      const [red = 0, green = 0, blue = 0, alpha = 0] = canvas.getImageData(0, 0, 1, 1).data
      return [red, green, blue, alpha / 255]
    }
    const luminance = (colour: string): number => {
      const [red, green, blue] = channels(colour).map((value) => {
        const share = value / 255
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
      })
      return 0.2126 * (red ?? 0) + 0.7152 * (green ?? 0) + 0.0722 * (blue ?? 0)
    }
    const background = (element: Element | null): string => {
      for (let each = element; each; each = each.parentElement) {
        const colour = getComputedStyle(each).backgroundColor
        if (channels(colour)[3] === 1) return colour
      }
      return getComputedStyle(document.documentElement).colorScheme.includes('dark') ? 'black' : 'white'
    }
    const found: { text: string; ratio: number; needed: number }[] = []
    for (const element of document.querySelectorAll('body *')) {
      const text = [...element.childNodes]
        .filter((node) => node.nodeType === Node.TEXT_NODE)
        .map((node) => node.textContent?.trim())
        .join('')
      if (!text || !element.checkVisibility() || element.matches(':disabled, :disabled *, .visually-hidden')) continue
      const style = getComputedStyle(element)
      const [light, dark] = [luminance(style.color), luminance(background(element))].toSorted((a, b) => b - a)
      const ratio = ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05)
      const size = Number.parseFloat(style.fontSize)
      const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700)
      const needed = large ? 3 : 4.5
      if (ratio < needed) found.push({ text: text.slice(0, 40), ratio, needed })
    }
    return found
  })
}

export interface FocusStop {
  /** Where the element stands among all elements of the page. */
  readonly position: number
  readonly label: string
  readonly ringWidth: number
}

/** Walks through the page with the Tab key until it comes round; the stops from the topmost on. */
export async function focusStops(page: Page): Promise<FocusStop[]> {
  const stops: FocusStop[] = []
  for (let presses = 0; presses < 200; presses += 1) {
    await page.keyboard.press('Tab')
    const stop = await page.evaluate(() => {
      const element = document.activeElement
      if (!element || element === document.body) return null
      const { outlineStyle, outlineWidth } = getComputedStyle(element)
      return {
        position: [...document.querySelectorAll('*')].indexOf(element),
        label: element.getAttribute('data-testid') ?? element.getAttribute('aria-label') ?? element.textContent ?? '',
        ringWidth: outlineStyle === 'none' ? 0 : Number.parseFloat(outlineWidth),
      }
    })
    // Past the last control the focus is on the window for one press; the walk began wherever the page left the focus.
    if (!stop) continue
    if (stop.position === stops[0]?.position) break
    stops.push({ ...stop, label: stop.label.trim().slice(0, 60) })
  }
  const top = stops.findIndex(({ position }) => position === Math.min(...stops.map((each) => each.position)))
  return [...stops.slice(top), ...stops.slice(0, top)]
}

/** How many pixels the page is wider than its window. */
export async function sidewaysOverflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
}
