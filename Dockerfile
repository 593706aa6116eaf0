# Two steps: one that has everything and packs the packages as npm would publish them, and one that has only those.
FROM node:20-slim AS build
WORKDIR /varve
COPY . .
# Installs and builds, as `npm start` would do at its first run.
RUN node -e "import('/varve/scripts/setup.mjs').then(({ root, setUp }) => setUp(root))" \
 && mkdir /packed && npm pack --workspaces --ignore-scripts --pack-destination /packed

FROM node:20-slim
COPY --from=build /packed /packed
# /var/lib/kafka/data is where images of Kafka keep their data: a compose file that says so finds it writable.
RUN npm install --prefix /opt/varve --omit=dev --no-fund --no-audit /packed/*.tgz \
 && rm -rf /packed /root/.npm \
 && mkdir -p /data /var/lib/kafka/data && chown -R node:node /data /var/lib/kafka
ENV PATH=/opt/varve/node_modules/.bin:$PATH \
    NODE_ENV=production \
    UV_THREADPOOL_SIZE=16 \
    KAFKA_LISTENERS=PLAINTEXT://:9092 \
    KAFKA_LOG_DIRS=/data
USER node
WORKDIR /home/node
VOLUME /data
EXPOSE 9092
# Without `KAFKA_ADVERTISED_LISTENERS` the broker tells a client the address that it came by, so this works in every network.
HEALTHCHECK --interval=10s --timeout=10s --start-period=20s --retries=3 \
  CMD ["varve", "topics", "list", "--bootstrap-server", "127.0.0.1:9092"]
# Not npm: a stop must reach the broker itself.
CMD ["varve", "start"]
