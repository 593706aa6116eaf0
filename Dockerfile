FROM node:20-slim
WORKDIR /varve
COPY . .
# Installs and builds once, while the image is made: what `npm start` would do at its first run.
RUN node -e "import('/varve/scripts/setup.mjs').then(({ root, setUp }) => setUp(root))"
ENV KAFKA_LISTENERS=PLAINTEXT://0.0.0.0:9092 KAFKA_LOG_DIRS=/data
VOLUME /data
EXPOSE 9092
# Not npm: a stop must reach the broker itself.
CMD ["node", "scripts/start.mjs"]
