"""From when to when rows are lost after a restore."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('automation', '0006_take_likes_back'),
    ]

    operations = [
        migrations.CreateModel(
            name='RestoreGap',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('made_at', models.DateTimeField()),
                ('restored_at', models.DateTimeField()),
            ],
        ),
    ]
