import { createPinia } from 'pinia'
import type { DataLayer } from 'selfsame'
import { createApp, type App } from 'vue'
import ReferenceApp from './ReferenceApp.vue'
import { createDemo, demoKey } from './demo/demo.ts'
import './style.css'

let app: App | undefined

/** An app of one's own has its database from the start; this one begins without, and is mounted again when there is one. */
function show(dataLayer?: DataLayer): void {
  app?.unmount()
  app = createApp(ReferenceApp).use(createPinia()).provide(demoKey, demo)
  if (dataLayer) app.use(dataLayer)
  app.mount('#app')
}

const demo = createDemo(show)
show()
await demo.start()
